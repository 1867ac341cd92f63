"""How a declared class is made: with slots, with methods written once, and an attrs class to all who ask.

`attrs.define` compiles an `__init__` for each class: half the time of importing a device. Here it is one for all,
until a class has so many instances that one of its own pays; and the fields that `attrs.fields`, `asdict` and `evolve`
look at are made by attrs when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from types import CellType, FunctionType
from typing import Any, cast

Reset = Callable[[], Any]
Sized = Callable[[Any], Any]
HIDDEN = "_kept"
ENOUGH = 100
"""Instances after which a class has an `__init__` of its own."""


def slotted(kind: type[Any], resets: Mapping[str, Reset], sized: Mapping[str, Sized]) -> type[Any]:
    """The class again, with a slot for each name, and one for what is kept.

    `resets` give what a new instance holds; `sized` what depends on the instance itself.
    """
    names = tuple(resets)
    own = {*resets, "__dict__", "__weakref__"}
    body = {key: value for key, value in vars(kind).items() if key not in own}
    for key, method in _methods(names, resets, sized).items():
        if body.get(key) is None:  # Python sets __hash__ to None beside an author's __eq__
            body[key] = method
    body |= {"__slots__": (*names, HIDDEN, "__weakref__"), "__match_args__": (), "__attrs_attrs__": _Fields(resets)}
    metaclass = cast("Callable[..., type[Any]]", type(kind))
    made = metaclass(kind.__name__, kind.__bases__, body)
    made.__qualname__ = kind.__qualname__
    for value in body.values():
        _repoint(value, kind, made)
    return made


class _Fields:
    """What attrs knows of the class, made when it is first asked."""

    def __init__(self, resets: Mapping[str, Reset]) -> None:
        self.resets = resets
        self.made: tuple[Any, ...] = ()

    def __get__(self, instance: object, owner: type) -> tuple[Any, ...]:
        if not self.made:
            import attrs  # which takes as long as all else here

            fields: dict[str, Any] = {name: attrs.field(factory=reset) for name, reset in self.resets.items()}
            fields[HIDDEN] = attrs.field(default=None, init=False, eq=False, repr=False)
            twin: Any = attrs.make_class(owner.__name__, fields, kw_only=True)
            self.made = attrs.fields(twin)
        return self.made


def _methods(
    names: tuple[str, ...], resets: Mapping[str, Reset], sized: Mapping[str, Sized]
) -> dict[str, Callable[..., Any]]:
    values: Callable[[Any], Any] = attrgetter(*names) if names else lambda state: ()

    left = ENOUGH

    def initialize(self: Any, **given: Any) -> None:
        nonlocal left
        left -= 1
        kind: type[Any] = self.__class__
        if not left and "self" not in resets and vars(kind).get("__init__") is initialize:
            kind.__init__ = written(resets, sized)
        for key, reset in resets.items():
            setattr(self, key, given[key] if key in given else reset())
        self._kept = None
        for key, fill in sized.items():
            if key not in given:
                setattr(self, key, fill(self))
        if not given.keys() <= resets.keys():
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(given.keys() - resets.keys()))}")

    def equal(self: Any, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash((self.__class__.__qualname__, values(self)))  # a key of a mapping; TypeError where a list is inside

    def text(self: Any) -> str:
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return {"__init__": initialize, "__eq__": equal, "__hash__": hashed, "__repr__": text}


def written(resets: Mapping[str, Reset], sized: Mapping[str, Sized]) -> Callable[..., None]:
    """The same `__init__` for one class, with a line for each attribute."""
    space: dict[str, Any] = {"_vmstate_absent": object()}
    names, lines = list[str](), list[str]()
    for i, (key, reset) in enumerate(resets.items()):
        value = reset()
        plain = value is None or type(value) in (int, bool)
        names.append(f"{key}={value!r}" if plain else f"{key}=_vmstate_absent")
        space[f"_vmstate_reset{i}"] = reset
        lines.append(f"    self.{key} = {key}" if plain else
                     f"    self.{key} = _vmstate_reset{i}() if {key} is _vmstate_absent else {key}")
    lines.append(f"    self.{HIDDEN} = None")
    for i, (key, fill) in enumerate(sized.items()):
        space[f"_vmstate_fill{i}"] = fill
        lines.append(f"    if {key} is _vmstate_absent: self.{key} = _vmstate_fill{i}(self)")
    lines += ["    if _vmstate_unknown:", "        names = ', '.join(sorted(_vmstate_unknown))",
              "        raise TypeError(f'{type(self).__name__} has no {names}')"]
    text = "\n".join([f"def __init__(self, *, {', '.join(names)}{', ' if names else ''}**_vmstate_unknown):", *lines])
    exec(text, space)  # noqa: S102  names of attributes alone
    return cast("Callable[..., None]", space["__init__"])


def _repoint(value: object, old: type, new: type) -> None:
    """A method that says super() or __class__ means the class that it stands in: the new one."""
    method = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
    if isinstance(method, FunctionType):
        for cell in method.__closure__ or ():
            if _holds(cell, old):
                cell.cell_contents = new


def _holds(cell: CellType, kind: type) -> bool:
    try:
        return cell.cell_contents is kind
    except ValueError:  # empty
        return False
