"""VL301: subsections that a new instance sends, though nobody has said so.

Said is what a `reset=` makes true, what asks facts of the machine alone (settings, locals), and what is allowed. Not
said: a predicate that asks what the subsection itself holds, or members that nobody gave a value. It counts where
another value of these would make the predicate false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType
from typing import Any, cast

from ..combinators import record_of
from ..errors import VMStateError
from ..facts import tell
from ..kept import Around
from ..shape import Asked, Record, Setting, Subsection
from .flaws import Flaw
from .looking import looks
from .meeting import Met, attributes, members

WORDS = 64


def check(met: Met) -> Iterator[Flaw]:
    """VL301, of the subsections directly below a record."""
    for sub in met.record.subsections:
        if (asked := sub.needed) is not None and _asks(met, asked, met.record.make()):
            unsaid = sorted(_unsaid(met, sub, asked))
            if any(_would_not(met, asked, name) for name in unsaid):
                yield Flaw("VL301", met.place, sub.name, f"{asked} is true of a new instance: it asks "
                           f"{', '.join(unsaid)}")


def _asks(met: Met, asked: Asked, state: object) -> bool:
    """What a predicate says; what needs the states around says nothing."""
    try:
        return bool(tell(asked, state, Around(state, None, met.record.version)))
    except VMStateError:
        return False


def _unsaid(met: Met, sub: Subsection, asked: Asked) -> set[str]:
    """The members that it asks, and that decide without anybody having said so."""
    settings = {one.attribute for one in members(met.record) if isinstance(one.shape, Setting)}
    here, above = _carried(sub.record) - settings, _carried(met.record) - settings
    state, found = met.record.make(), set[str]()
    for path in looks(asked.method, met.kind).paths:
        name, _, other = path.partition(".")
        value: object = getattr(state, name, None)
        if name in above and not _is_fact(value, other) and (name in here or not value):
            found.add(name)
    return found


def _carried(record: Record[Any]) -> set[str]:
    return set(attributes(record))


def _is_fact(value: object, other: str) -> bool:
    """Whether it is no member of a record within that is asked, but a local or setting of it."""
    kind: type[object] = type(value)
    if not other or "__vmstate__" not in vars(kind):
        return False
    inner = {one.attribute for one in members(record_of(kind)) if not isinstance(one.shape, Setting)}
    return other not in inner and other in getattr(kind, "__slots__", ())


def _would_not(met: Met, asked: Asked, name: str) -> bool:
    """Whether some other value of a member makes the predicate false."""
    state = met.record.make()
    for value in _others(getattr(state, name, None), asked.method):
        setattr(state, name, value)
        if not _asks(met, asked, state):
            return True
    return False


def _others(value: object, method: object) -> Iterable[object]:
    """Values to try: of a number those that the method names, all bits, each bit; of several none but zeros."""
    if isinstance(value, bool) or value is None:
        return (not value,) if value is not None else (0, 1)
    if isinstance(value, int):
        return (0, *_constants(method), *(1 << bit for bit in range(WORDS)), (1 << WORDS) - 1)
    if isinstance(value, bytearray):
        return (bytearray(len(value)),)
    return ([0] * len(cast("list[object]", value)),) if isinstance(value, list) else ()


def _constants(method: object) -> Iterator[int]:
    """The numbers that a method compares with: its own, and those of its module that it names."""
    if not isinstance(method, FunctionType):
        return
    code: CodeType = method.__code__
    named = (method.__globals__.get(name) for name in code.co_names)
    yield from (one for one in (*code.co_consts, *named) if isinstance(one, int))
