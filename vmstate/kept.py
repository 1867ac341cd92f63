"""What surrounds a state (Around), what it has no place for (Kept), a state without a class (Bag)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from .errors import Key, VMStateError
from .nodes import Node, node

T = TypeVar("T")


class Around:
    """The states that enclose this one, and the version at which it is walked. Nobody changes it.

    It is made for each record that is walked: a frozen one takes three times as long to make.
    """

    __slots__ = ("outer", "state", "version")

    def __init__(self, state: Any, outer: Around | None, version: int) -> None:
        self.state, self.outer, self.version = state, outer, version

    @property
    def outermost(self) -> Any:
        """The state that encloses all others: that of the section."""
        around = self
        while around.outer is not None:
            around = around.outer
        return around.state

    def up(self, kind: type[T]) -> T:
        """The nearest enclosing state of this kind. Raises VMStateError where there is none."""
        around = self.outer
        while around is not None:
            if isinstance(around.state, kind):
                return around.state
            around = around.outer
        raise VMStateError(f"{type(self.state).__name__} is not inside a {kind.__name__} here")


class Machine(Protocol):
    """What an `@after_load` hook is handed: the other devices, all loaded by then."""

    def find(self, kind: type[T], instance: int = 0) -> T | None:
        """The state of this kind and instance id, if the machine has one."""


Settle = Callable[[Machine], None]
"""An `@after_load` hook of one state, to be run when all sections are loaded."""


@node
class Alone(Node):
    """A machine of one device."""

    state: Any

    def find(self, kind: type[T], instance: int = 0) -> T | None:
        """The state, if it is of this kind."""
        return self.state if isinstance(self.state, kind) and not instance else None


@node
class Foreign(Node):
    """An attribute that no declaration here knows: its name, wire type and value, whatever the format was."""

    name: str
    type: str
    value: Any
    skippable: bool = True


class Kept:
    """What was read and no attribute holds: that a rewrite gives the same bytes.

    `subsections`: those present, in order, each with the 32-bit version as sent; None: this state was never read, and
    its predicates decide. `raw`: by place in the state, the bytes or number where they are not what the value gives.
    `foreign`: by record, the attributes that are unknown here.
    """

    __slots__ = ("foreign", "raw", "subsections")

    def __init__(self) -> None:
        self.subsections: list[tuple[str, int]] | None = None
        self.raw: dict[tuple[Key, ...], Any] = {}
        self.foreign: dict[str, tuple[Foreign, ...]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kept) and (
            (self.subsections, self.raw, self.foreign) == (other.subsections, other.raw, other.foreign))

    __hash__ = None  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]

    def __repr__(self) -> str:
        return f"Kept(subsections={self.subsections!r}, raw={self.raw!r}, foreign={self.foreign!r})"


def kept(state: Any) -> Kept | None:
    """The state's keepsakes, if it has any."""
    return cast("Kept | None", state._kept)


def keep(state: Any) -> Kept:
    """The state's keepsakes; made on first use."""
    if state._kept is None:
        state._kept = Kept()
    return cast(Kept, state._kept)


class Bag:
    """A state without a class: attributes by key, for records that a trailer describes."""

    _kept: Kept | None = None

    def __init__(self, **members: Any) -> None:
        self.__dict__.update(members)

    def _members(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key != "_kept"}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bag) and self._members() == other._members()

    __hash__ = None  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]

    def __repr__(self) -> str:
        return f"Bag({', '.join(f'{key}={value!r}' for key, value in self._members().items())})"
