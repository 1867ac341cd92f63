"""One section with some of its values set.

It becomes a tree, is read again from that as any document would be, with all checks, and is written again. What was
set has to be what is then read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, cast

from visitors import qemufile, tree
from visitors._tree import SETTINGS, VERSION
from vmstate import Decoded, EncodeError, VMStateError, decode, encode
from vmstate.errors import Key
from vmstate.format import fits, misfit
from vmstate.shape import Array, Chain, Padding, Record, Setting, Subsection, Temporary
from vmstate.shape import Mapping as MappingShape
from vmstate.trace import Seen
from vmstate.walk import Mode, Walk

from .literals import Wanted, integer, octets, short
from .merging import entry, label, literal
from .paths import Found, Trail, is_entry
from .sections import Section

Tree = dict[str, Any]
NOTHING = "null"


class Draft:
    """A section that is edited: `set`, then `finish`; `body` and `now` are what it is then.

    `given` are the settings that its reader was given; the others it has found out, and has to find out again.
    """

    def __init__(self, section: Section, decoded: Decoded[Any], given: Mapping[str, Any] | None = None) -> None:
        self.section, self.before, self.now, self.body = section, decoded, decoded, section.body
        self.given = given or {}
        self.tree = _tree(decoded)

    @property
    def renewed(self) -> Section:
        """The section as it is written now."""
        old = self.section
        if self.body == old.body:
            return old
        declared, embedded = (self.now, None) if old.source == "declared" else (None, self.now)
        return Section(old.header, self.body, old.begin, declared=declared, embedded=embedded, described=old.described)

    def set(self, found: Found, text: str) -> None:
        """Sets one value. Raises EncodeError where it cannot be written so."""
        try:
            self._set(found, text)
        except VMStateError as error:
            raise self._of(error.under(*(one.key for one in found.trail[1:]))) from None

    def finish(self) -> None:
        """Reads the tree, and writes what was read. Raises VMStateError where a value does not fit."""
        old = self.before
        try:
            state, reader = old.record.make(), tree.reader(self.tree)
            Walk(reader, Mode.WIRE).run(old.record, state, old.version)
            reader.finish()
            self.body = encode(Decoded(state, old.version, old.record), qemufile)
            self.now = self._read()
        except VMStateError as error:
            raise self._of(error) from None

    def _read(self) -> Decoded[Any]:
        """The new body as a reader takes it that has to find out the settings again, as they were if they may be.

        Raises VMStateError where it takes nothing, or something else than was set.
        """
        old, wanted = self.before, _values(self.tree)
        trials = list(fits(old.record, self.body, qemufile, version=old.version, settings=self.given))
        found = [one for one in trials if isinstance(one, Decoded)]
        if not found:
            raise misfit(found, [one for one in trials if not isinstance(one, Decoded)])
        found = [one for one in found if _values(_tree(one)) == wanted]
        if not found:
            raise EncodeError("what was set would be read as something else",
                              hint="another member may say whether it is sent, or how long it is")
        return next((one for one in found if one.settings == old.settings), found[0])

    def refused(self) -> Iterator[str]:
        """What a machine like the source says to it now, if it had nothing to say before: hooks, and what must hold."""
        if self.section.source != "declared" or self._loading(self.section.body) is not None:
            return
        if (error := self._loading(self.body)) is not None:
            yield f"a destination would refuse it: {self._of(error)}"

    def _loading(self, body: bytes) -> VMStateError | None:
        """Why a machine like the source does not load this body; None: it does."""
        from .reloading import Reload  # which a section that is only described has no use for

        old = self.before
        try:
            like = decode(old.record, self.section.body, qemufile, version=old.version, settings=old.settings)
            Reload.of(like.state, body, qemufile, old.version, old.settings)
        except VMStateError as error:
            return error
        return None

    def _of(self, error: VMStateError) -> VMStateError:
        """An error of this section; its bytes are nowhere yet, so that it has no offset."""
        error.section, error.offset = self.section.label, None
        return error

    # -- in the tree

    def _set(self, found: Found, text: str) -> None:
        whole, trail, record = found.whole, found.trail, self.before.record
        if isinstance(whole.node, Setting):
            raise EncodeError("it is a setting, which the bytes do not carry", hint="--setting tells it")
        if len(trail) == 1:
            self.tree = literal(text, Wanted(record, None, self.tree, record.kind))
            return
        around = record_of(trail[-2]) or record
        container, key = self._place(trail)
        if isinstance(whole.node, Subsection):
            _subsection(container, whole.node, text, around)
            return
        if isinstance(whole.node, MappingShape) and is_entry(whole):
            container[key] = entry(text, Wanted(whole.node, kind=around.kind))
            return
        if (shape := found.shape) is None:
            raise EncodeError("it has no value of its own", hint="set what is in it")
        means = found.member.means if found.member is not None else None
        wanted = Wanted(shape, means, _held(container, key, whole), around.kind, container)
        container[key] = literal(text, wanted) if found.cut is None else _part(text, found.cut, wanted)
        if isinstance(whole.node, Padding) and not any(container[key]):
            del container[key]  # as a tree has it

    def _place(self, trail: Trail) -> tuple[Any, Key]:
        """Where a value stands: a dict or list, and the key in it."""
        at: Any = self.tree
        *way, key = [_step(one, two) for one, two in pairwise(trail)]
        for step, seen in zip(way, trail[1:], strict=False):
            at = _held(at, step, seen)
        return at, key


def _tree(decoded: Decoded[Any]) -> Tree:
    """A state as a tree. Raises EncodeError."""
    writer = tree.writer()
    Walk(writer, Mode.WIRE).run(decoded.record, decoded.state, decoded.version)
    return writer.result()


def _values(told: Tree) -> Tree:
    """A tree without its settings."""
    return {key: value for key, value in told.items() if key != SETTINGS}


def _step(around: Seen, seen: Seen) -> Key:
    """The key by which a tree has a value in what is around it."""
    if isinstance(around.node, Array | Chain):
        first = (around.inside or [seen])[0].key
        return cast(int, seen.key) - cast(int, first)
    if isinstance(around.node, MappingShape):
        return str(seen.key) if is_entry(around) else seen.key
    one = seen.node if isinstance(seen.node, Subsection) else seen.member
    return str(seen.key) if one is None else label(one)


def _held(container: Any, key: Key, seen: Seen) -> Any:
    """What stands there now. Raises EncodeError where another edit has taken it away."""
    try:
        return container[key]
    except (LookupError, TypeError):
        if isinstance(seen.node, Padding):
            return bytes(seen.value)  # a tree has it only where it is not all zeros
        raise EncodeError("it is no longer there, by what was set before") from None


def record_of(seen: Seen) -> Record[Any] | None:
    """The record whose members stand in a bracket; None: there are elements in it, or it is the section's own."""
    node = seen.node
    found: Record[Any] | None = node if isinstance(node, Record) else None
    if isinstance(node, Temporary | Subsection):
        found = node.record
    return found


def _part(text: str, cut: int | slice, wanted: Wanted) -> Any:
    """A value of which a part is set: one byte, several, or elements. Raises EncodeError."""
    old = wanted.old
    if isinstance(cut, int):
        if not 0 <= (byte := integer(text)) < 256:
            raise EncodeError(f"{short(text)} is no byte", hint="0 to 255")
        new: Any = bytes((byte,))
        cut = slice(cut, cut + 1)
    else:
        new = octets(text) if isinstance(old, bytes) else literal(text, wanted.but(old=old[cut]))
    size = len(old[cut])
    if len(new) != size:
        what = "bytes" if isinstance(old, bytes) else "elements"
        raise EncodeError(f"{len(new)} {what} for {size}", hint="what is there is overwritten")
    return old[:cut.start] + new + old[cut.stop:]


# -- subsections

def unsent(trail: Trail, record: Record[Any]) -> Iterator[tuple[Trail, Subsection]]:
    """The subsections that a record could have and has not, and those of its subsections, each with its way."""
    inside = trail[-1].inside or ()
    sent = {one.key for one in inside if isinstance(one.node, Subsection)}
    yield from ((trail, sub) for sub in record.subsections if sub.name not in sent)
    for one in inside:
        if isinstance(one.node, Subsection):
            yield from unsent((*trail, one), one.node.record)


def _subsection(container: Tree, sub: Subsection, text: str, around: Record[Any]) -> None:
    """Changes one, leaves it out (null), or adds it, with its members as after reset."""
    key = label(sub)
    if text == NOTHING:
        container.pop(key, None)
        return
    old = container.get(key)
    new = literal(text, Wanted(sub.record, None, _reset(sub, around) if old is None else old, sub.record.kind))
    behind = [label(one) for one in around.subsections]
    behind = behind[behind.index(key):] if key in behind else []
    kept = [one for one in container.items() if one[0] not in behind]
    later = [one for one in container.items() if one[0] in behind and one[0] != key]
    container.clear()
    container.update(kept)
    container.update({key: new, **dict(later)})


def _reset(sub: Subsection, around: Record[Any]) -> Tree:
    """A subsection of a state that was never read."""
    writer = tree.writer()
    Walk(writer, Mode.WIRE).run(sub.record, around.make(), sub.record.version)
    made = writer.result()
    made.pop(SETTINGS, None)
    return {VERSION: sub.record.version, **made}
