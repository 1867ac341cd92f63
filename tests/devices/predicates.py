"""What decides besides a device's own values whether a subsection of it is sent, and how a reader of the stream knows.

Found in the declarations: the attributes that a predicate asks, through methods and properties, and that no wire
carries. `python -m tests.devices.predicates` writes the page of them again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dis import get_instructions
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

from devices.catalogue import SECTIONS, registry
from vmstate.lint.looking import looks, named_anywhere
from vmstate.lint.meeting import Met, members, met
from vmstate.machine_types import MachineType, decided
from vmstate.shape import Setting

PAGE = Path(__file__).parents[2] / "docs" / "devices.md"
TABLES = "## What each of them asks\n"


ACCELERATOR = "whether QEMU emulates: with KVM it is never sent, and what did not come is as after reset"
OFFERED = "what the device offers; if it is not given, as much as what came can tell"

NEEDS = {
    ("cpu_common", "cpu_common/exception_index"): ACCELERATOR,
    ("cpu", "cpu/svm_guest"): ACCELERATOR,
    ("virtio", "virtio/64bit_features"): OFFERED,
    ("virtio", "virtio/128bit_features"): OFFERED,
    ("virtio", "virtio/virtqueues"): OFFERED,
    ("virtio", "virtio/packed_virtqueues"): OFFERED,
}
"""By device and subsection: a fact that nothing tells. In the recorded streams none of them makes a difference."""

STREAM, LOADING, MACHINE = "the stream", "loading", "the machine type"


class Asked(NamedTuple):
    """A fact that a predicate asks: the attribute `fact` of `owner`; `how` it is known, empty if nothing tells."""

    device: str
    subsection: str
    owner: str
    fact: str
    how: str


@cache
def every() -> list[Met]:
    """All records that are declared, each once."""
    return met(one for name in SECTIONS for one in registry().named(name))


@cache
def classes() -> set[type]:
    return {one.kind for one in every()}


@cache
def carried(kind: type) -> frozenset[str]:
    """The attributes of a class that some wire carries."""
    mine = [one.record for one in every() if one.kind is kind]
    return frozenset(member.attribute for record in mine for member in members(record)
                     if member.attribute is not None and not isinstance(member.shape, Setting))


@cache
def facts(kind: type) -> frozenset[str]:
    """The others: locals and settings."""
    return frozenset(name for name in vars(kind)["__slots__"] if not name.startswith("_")) - carried(kind)


@cache
def told(kind: type) -> frozenset[str]:
    """Those that are settings: the bytes tell them, or exact fit."""
    return frozenset(member.attribute for one in every() if one.kind is kind for member in members(one.record)
                     if member.attribute is not None and isinstance(member.shape, Setting))


def stored(function: Any, seen: set[Any]) -> Iterator[str]:
    """The attributes, of whatever, that a function sets, or one that it calls by its name."""
    if not isinstance(function, FunctionType) or function in seen:
        return
    seen.add(function)
    behind = by_name()
    for one in get_instructions(function):
        if one.opname == "STORE_ATTR":
            yield str(one.argval)
        elif one.opname in ("LOAD_GLOBAL", "LOAD_ATTR", "LOAD_METHOD"):
            for called in (function.__globals__.get(one.argval), *behind.get(str(one.argval), ())):
                yield from stored(called, seen)


@cache
def by_name() -> dict[str, list[Any]]:
    """The methods of all classes."""
    found = defaultdict[str, list[Any]](list)
    for kind in classes():
        for name, value in vars(kind).items():
            found[name].append(value)
    return found


@cache
def settled() -> frozenset[tuple[str, str]]:
    """Facts that hooks set, by module and name."""
    return frozenset((one.kind.__module__, name) for one in every() for method in one.methods()
                     if method.role in ("pre_save", "pre_load", "post_load", "after_load")
                     for name in stored(method.method, set()))


def known(kind: type, fact: str, by: type) -> str:
    """How a fact of one class, that another asks, is known."""
    if fact in told(kind):
        return STREAM
    if (before := decided(kind).get(fact)) is not None:
        return f"{MACHINE}: " + ", ".join(f"{value} before {_name(one)}" for one, value in before.items())
    return LOADING if {(kind.__module__, fact), (by.__module__, fact)} & settled() else ""


def _group(kind: type) -> str:
    """The folder of a declaration: what has a state within it is there too."""
    return kind.__module__.rpartition(".")[0]


def _name(machine: MachineType) -> str:
    return "-".join(filter(None, [machine.family, ".".join(map(str, machine.version))]))


def asked() -> Iterator[Asked]:
    """What each predicate asks besides values."""
    for one in every():
        for sub in one.record.subsections:
            if sub.needed is None:
                continue
            kind: type = one.kind
            method = sub.needed.method
            found = looks(method, kind)
            inner = {path.partition(".")[2] for path in found.paths}
            names = named_anywhere(method) if sub.needed.takes_around else set[str]()
            mine = [(kind, name) for name in found.asks & facts(kind)]
            parts = [(other, name) for other in classes() if _group(other) == _group(kind)
                     for name in inner & facts(other)]
            whole = [(other, name) for other in classes() if other.__name__ in names for name in names & facts(other)]
            for owner, name in {*mine, *parts, *whole}:
                place = f"{owner.__module__.removeprefix('devices.')}:{owner.__name__}"
                yield Asked(one.record.name, sub.name, place, name, known(owner, name, kind))


# -- the page

def page(text: str) -> str:
    """The page, with its tables as they are today."""
    return "".join([*text.partition(TABLES)[:2], "\n", *_tables()])


def _tables() -> Iterator[str]:
    rows = defaultdict[tuple[str, str, str], set[str]](set)
    for one in asked():
        rows[one.how, one.owner, one.fact].add(one.subsection)
    for how, title, heads in (
        (STREAM, "Told by the stream", "Declaration | Setting | Subsections"),
        (LOADING, "Known by what was loaded", "Declaration | Attribute | Subsections"),
    ):
        yield _table(title, heads, ((owner, f"`{fact}`", _names(subs)) for (known_by, owner, fact), subs in rows.items()
                                    if known_by == how))
    yield _table("Decided by the machine type", "Declaration | Attribute | Is | Subsections", (
        (owner, f"`{fact}`", how.removeprefix(f"{MACHINE}: "), _names(subs))
        for (how, owner, fact), subs in rows.items() if how.startswith(MACHINE)))
    needs = defaultdict[tuple[str, str], set[str]](set)
    for (device, subsection), fact in NEEDS.items():
        needs[device, fact].add(subsection)
    yield _table("Not known", "Device | Needs | Subsections", (
        (device, fact, _names(subs)) for (device, fact), subs in needs.items())).rstrip("\n") + "\n"


def _names(subsections: set[str]) -> str:
    return ", ".join(f"`{one}`" for one in sorted(subsections))


def _table(title: str, heads: str, rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"### {title}", "", f"| {heads} |", "|---" * (heads.count("|") + 1) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in sorted(rows)), "", ""])


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
