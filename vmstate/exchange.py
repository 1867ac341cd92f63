"""Imperative state in the same vocabulary: `self.n = v("n", self.n, uint32())` saves, loads, names and describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from .errors import EncodeError
from .kept import Around
from .shape import Asked, Member
from .spec import spec_of

if TYPE_CHECKING:
    from .walk import Walk

T = TypeVar("T")


def computed() -> bool:
    """Stands in a schema for a condition that only the code knows."""
    raise NotImplementedError


COMPUTED = Asked(computed, takes_around=False)


class Exchange:
    """What `transfer(self, v: Exchange)` is handed."""

    def __init__(self, walk: Walk, around: Around) -> None:
        self._walk, self._around, self._met = walk, around, set[str]()

    @property
    def version(self) -> int:
        """The version being walked."""
        return self._around.version

    def up(self, kind: type[T]) -> T:
        """The nearest enclosing state of this kind."""
        return self._around.up(kind)

    def __call__(self, name: str, value: T, of: T, *, when: bool | None = None) -> T:
        """The value as it was, when saving; as it came, when loading. `of` is a specifier such as `uint32()`."""
        spec, walk = spec_of(of), self._walk
        member = Member(name, None, spec.shape, name, when=None if when is None else COMPUTED)
        walk.trail.append(name)
        if walk.v.is_there(member, None if walk.abstract else when is not False):
            self._once(name)
            new: T = walk.exchange(name, member.shape, value, self._around)
            value = new if walk.reading else value
        walk.trail.pop()
        return value

    def _once(self, name: str) -> None:
        """What is kept of a value is kept under its name, and so are the values of a document."""
        if name in self._met and not self._walk.reading:
            raise EncodeError(f"{name} is written twice", hint="give the second another name")
        self._met.add(name)
