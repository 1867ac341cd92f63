"""What the figures are to be, and which are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attrs import frozen

from .calls import Work
from .processes import Shown
from .sides import BY_HAND, OURS
from .speed import Speed
from .turns import Pair, Ratio


@frozen
class Aim:
    """A bound on the median of a ratio: of one subject's time by another's. Without bound it is for comparison."""

    pair: Pair
    bound: float | None
    at_most: bool

    def met(self, ratio: Ratio) -> bool:
        """Whether the median is within the bound."""
        if self.bound is None:
            return True
        return ratio.median <= self.bound if self.at_most else ratio.median >= self.bound

    @property
    def text(self) -> str:
        return "" if self.bound is None else f"{'at most' if self.at_most else 'at least'} {self.bound:g}"


def _most(side: str, work: Work, other: str, its: Work, bound: float | None) -> Aim:
    return Aim(((side, work), (other, its)), bound, at_most=True)


def _least(side: str, other: str, work: Work, bound: float) -> Aim:
    return Aim(((side, work), (other, work)), bound, at_most=False)


AIMS = [
    _most(OURS, "save", BY_HAND, "save", 1.15),
    _most(OURS, "load", BY_HAND, "load", 1.15),
    _most(OURS, "load into", BY_HAND, "load", 0.9),
    _most(OURS, "save", "msgspec, whole states", "save", 1.1),
    _most(OURS, "load", "msgspec, whole states", "load", 1),
    _most(OURS, "save", "msgspec", "save", None),
    _most(OURS, "load", "msgspec", "load", None),
    _most(OURS, "load into", "msgspec", "load", None),
    _most(f"{OURS} CBOR", "save", BY_HAND, "save", 5),
    _most(f"{OURS} CBOR", "load", BY_HAND, "load", 3),
    _least("cbor2, dicts", f"{OURS} CBOR", "save", 1.8),
    _least("asn1tools", f"{OURS} BER", "save", 7),
    _least("asn1tools", f"{OURS} BER", "load", 5),
    _least("construct compiled", OURS, "save", 12),
    _least("construct compiled", OURS, "load", 5),
]
STARTS = {"vmstate --help": 1.6, "vmstate info": 2.6}
"""Most times `python -c 'import attrs'`."""

Row = tuple[str, ...]


def of_speed(found: Sequence[Speed]) -> Iterator[Row]:
    """What by what, the aim, and for each workload the figure."""
    for aim in AIMS:
        (side, work), (other, its) = aim.pair
        yield f"{side}: {work}", f"{other}: {its}", aim.text, *(_figure(aim, one) for one in found)


def _figure(aim: Aim, one: Speed) -> str:
    ratio = one.ratios.get(aim.pair)
    return "" if ratio is None else f"{ratio}{'' if aim.met(ratio) else ' **no**'}"


def of_starts(found: dict[str, Ratio]) -> Iterator[Row]:
    """Command, aim, figure."""
    for name, ratio in found.items():
        bound = STARTS.get(name)
        no = " **no**" if bound is not None and ratio.median > bound else ""
        yield f"`{name}`", f"at most {bound}" if bound else "", f"{ratio}{no}"


def of_shown(found: Sequence[Shown]) -> Iterator[Row]:
    """Stream, bytes, milliseconds of both, their ratio, aim; memory of both in MB."""
    mark: Callable[[bool], str] = lambda met: "" if met else " **no**"  # noqa: E731  a word
    for one in found:
        yield (f"`{one.stream}`", f"{one.size:,}", f"{one.theirs * 1000:.0f}", f"{one.ours * 1000:.0f}",
               f"{one.ratio}", f"{one.aim}{mark(one.met)}", f"{one.their_memory / 1e6:.1f}",
               f"{one.memory / 1e6:.1f}{mark(one.memory_met)}")
