"""A class body: its members from top to bottom, stubs of what no source tells, and notes of what is left to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Protocol

from vmstate.shape import Padding

from .guessing import guess
from .layout import call, docstring, either
from .naming import Names, attribute_names, method_name, quoted, worded
from .noting import notes
from .sketch import Field, Inner, Leaf, Many, Sketch, Sub
from .specifiers import Classes, Specifier, specifier

STUB = "TODO: when {} is {}."


class Owner(Classes, Protocol):
    """What knows the classes of a module, and what it has to import."""

    def temporary_of(self, inner: Inner, owner: str, attribute: str) -> str:
        """The class of a temporary that is packed from an attribute of this class."""
        ...

    def is_declared(self, inner: Inner) -> bool:
        """Whether it is one of those that are reused."""
        ...

    def needs(self, *names: str) -> None:
        """Names of `vmstate` that the text uses."""
        ...


class Body:
    """The text of one class, by its name."""

    def __init__(self, name: str, sketch: Sketch, owner: Owner, parent: tuple[str, str] | None = None) -> None:
        self.name, self.sketch, self.owner, self.parent = name, sketch, owner, parent
        self.names = Names()
        self.attributes, self.subs = dict[str, Field](), set[str]()
        self.methods, self.members, self.left = list[str](), list[str](), list[str]()
        self.fields(sketch)
        self.subsections(sketch)

    def text(self) -> str:
        """The class."""
        versions = [f"version={self.sketch.version}"]
        if self.sketch.minimum != self.sketch.version:
            versions.append(f"minimum={self.sketch.minimum}")
        if self.sketch.by_hand:
            versions.append("by_hand=True")
        self.owner.needs("state")
        head = f"@state({', '.join((quoted(self.sketch.name), *versions))})\nclass {self.name}:"
        said = docstring("    ", "TODO: what it is.", self.left)
        parts = [head + "\n" + said, *self.methods, "\n".join(self.members), *self.packing()]
        return "\n\n".join(part.strip("\n") for part in parts if part)

    # -- members

    def fields(self, sketch: Sketch) -> dict[str, Field]:
        """The fields of a record, by their attributes; without those that no version of it has."""
        sent = [one for one in sketch.fields if one.conditional or one.since <= sketch.version]
        never = [one for one in sketch.fields if not one.conditional and one.since > sketch.version]
        self.left += [f"TODO: `{worded(one.name)}` is there since version {one.since}, and the version is "
                      f"{sketch.version}: it is never sent." for one in never]
        return dict(self.field(one) for one in self.arrays(sent))

    def arrays(self, fields: Iterable[Field]) -> Iterator[Field]:
        """Elements in a row as the array that they are, if they are of one class after all."""
        for _, run in groupby(fields, key=lambda one: (one.name, one.element)):
            alike = list(run)
            if len(alike) > 1 and alike[0].element and len({specifier(one.what, self.owner) for one in alike}) == 1:
                yield alike[0].but(what=Many(alike[0].what, len(alike), listed=True))
            else:
                yield from alike

    def field(self, field: Field) -> tuple[str, Field]:
        """One field, as a line of the class."""
        what = field.what
        if isinstance(what, Leaf) and isinstance(what.shape, Padding):
            wanted = ["unused"]
        else:
            wanted = attribute_names(field.name)
        attribute = self.names.free(*wanted)
        if isinstance(what, Inner) and what.temporary:
            self.temporary(what, attribute, field)
            return attribute, field
        made = specifier(what, self.owner).told(**self.options(field, attribute, wanted == ["unused"]))
        self.owner.needs(*made.uses)
        self.place(attribute, made)
        self.left += notes(attribute, self.unknown(field), self.attributes)
        self.attributes[attribute] = field
        return attribute, field

    def unknown(self, field: Field) -> Field:
        """A field without what a class that is declared already knows of it."""
        what = field.what
        known = isinstance(what, Many) and isinstance(what.of, Inner) and self.owner.is_declared(what.of)
        return field.but(what=what.but(listed=False)) if known else field

    def place(self, attribute: str, made: Specifier) -> None:
        head = f"    {attribute}: {made.holds} = " if made.holds else f"    _{attribute} = "
        self.members.append(call(head, made.call, made.arguments))

    def temporary(self, what: Inner, attribute: str, field: Field) -> None:
        """What QEMU packs from other members stands in an attribute of its own at first."""
        kind = self.owner.temporary_of(what, self.name, attribute)
        self.owner.needs("local", "tmp")
        options = self.options(field, "tmp", False)
        self.place(attribute, Specifier("local", (kind,), kind, frozenset()))
        self.place(self.names.free("tmp"), Specifier("tmp", (kind,), "", frozenset()).told(**options))

    def options(self, field: Field, attribute: str, nameless: bool) -> dict[str, str]:
        """What is said of a member besides its shape."""
        named = "" if nameless or field.name == attribute else quoted(field.name)
        if field.conditional:
            return {"name": named, "when": self.condition(field, attribute)}
        return {"name": named, "since": str(field.since) if field.since else ""}

    def condition(self, field: Field, attribute: str) -> str:
        """A predicate that says what was seen; its name."""
        method = self.names.free(method_name("has", attribute))
        seen = {True: " It was.", False: " It was not.", None: ""}[field.there]
        self.methods.append(
            f"    def {method}(self) -> bool:\n"
            f"        \"\"\"{STUB.format(f'`{worded(field.name)}`', 'there')}{seen}\"\"\"\n"
            f"        return {field.there is not False}")
        return method

    # -- subsections

    def subsections(self, sketch: Sketch) -> None:
        """Each with those within it behind it."""
        for sub in sketch.subsections:
            if sub.sketch.name in self.subs:
                self.left.append(f"TODO: {worded(sub.sketch.name)} is there twice: which of them is meant.")
                continue
            self.subs.add(sub.sketch.name)
            self.subsection(sub)
            self.subsections(sub.sketch)

    def subsection(self, sub: Sub) -> None:
        """A subsection: its predicate stands before its members, and asks them."""
        self.owner.needs("subsection")
        above = len(self.members)
        fields = self.fields(sub.sketch)
        self.members[above:above] = ["", *self.predicate(sub, fields), ""]

    def predicate(self, sub: Sub, fields: dict[str, Field]) -> Iterator[str]:
        """A guess where it says what was seen, else nothing but a place for it."""
        name, asked = sub.sketch.name, [guess(one.what, attribute) for attribute, one in fields.items()]
        versions = [f"{key}={value}" for key, value in (
            ("version", sub.sketch.version), ("minimum", sub.sketch.minimum))
            if value != (1 if key == "version" else sub.sketch.version)]
        yield call("    @", "subsection", (quoted(name), *versions))
        yield f"    def {self.names.free(method_name('sends', name.rpartition('/')[2]))}(self) -> bool:"
        guessed = [one for one in asked if one]
        if all(sub.told) and guessed:
            yield f'        """{STUB.format("it", "sent")} A guess: when it holds anything."""'
            yield either("        return ", guessed)
        else:
            yield f'        """{STUB.format("it", "sent")}{" It was." if sub.told else ""}"""'
            yield f'        raise NotImplementedError({quoted(f"TODO: when {worded(name)} is sent")})'

    # -- a temporary

    def packing(self) -> Iterator[str]:
        """How a temporary is made of its parent, and goes back."""
        if self.parent is None:
            return
        owner, attribute = self.parent
        yield (f'    @classmethod\n    def pack(cls, parent: "{owner}") -> "{self.name}":\n'
               f'        """TODO: make it of what it stands for."""\n        return parent.{attribute}')
        yield (f'    def unpack(self, parent: "{owner}") -> None:\n'
               f'        """TODO: set what it stands for."""\n        parent.{attribute} = self')
