"""Two streams side by side: which values differ, by whose names, and which pages of memory."""

from collections.abc import Callable
from typing import Any

import pytest

import vmstate
from devices.catalogue import registry
from migration.differing import Differing, Story
from migration.editing import Editing
from migration.ram.held import Held, compared
from migration.ram.items import Flag, Item
from migration.ram.mapped import MappedBlock, Stored
from migration.replica import Stream
from tests.interop.rewriting import rewritten
from tests.migration.made import EOF, HEADER, full
from tests.migration.recorded import NAMES, stream
from visitors import qemufile
from vmstate import Registry, array, boolean, buffer, mapping, nested, nullable, state, subsection, uint8, unused

PC = "pc72-72-nodefaults"
REINJECT = "mc146818rtc/irq_reinject_on_ack_count"


def story(data: bytes, known: Registry | None = None, **how: Any) -> Story:
    return Story(Stream(data, known or registry(), **how))


def differing(
    before: Story, after: Story, ignored: Callable[[str], bool] = lambda _: False
) -> Differing:
    return Differing(before, after, ignored)


def edited(data: bytes, *values: tuple[str, str], **how: Any) -> bytes:
    editing, out = Editing(Stream(data, how.pop("known", None) or registry(), **how)), list[bytes]()
    for place, text in values:
        editing.set(place, text)
    editing.finish()
    editing.write(out.append)
    return b"".join(out)


def told(found: Differing) -> dict[str, list[str]]:
    """Signs and paths of what differs, by section."""
    signs = {"added": "+", "removed": "-", "changed": ""}
    return {one.before.label: [signs[it.what] + str(it) for it in one.differences] for one in found.changed}


@pytest.mark.parametrize("choice", ["auto", "embedded"])
@pytest.mark.parametrize("name", NAMES)
def test_a_stream_and_itself(name: str, choice: Any) -> None:
    one = story(stream(name), choice=choice)
    found = differing(one, one)
    assert (found.same, found.changed, found.added, found.removed, found.pages) == (True, [], [], [], [])
    assert len(found.pairs) == len(one.contents.sections)


@pytest.mark.parametrize("choice", ["auto", "embedded"])
def test_values(choice: Any) -> None:
    names = ("cpu::env.regs", "regs") if choice == "auto" else ('cpu::"env.regs"', '"env.regs"')
    after = edited(stream(PC), ("rtc::cmos_index", "1"), ("rtc::cmos_data[2:4]", "0102"), ("rtc::cmos_data[9]", "1"),
                   (f"{names[0]}[8]", "5"), (f"{names[0]}[9]", "5"), (f"{names[0]}[11]", "5"),
                   (f"{names[0]}[12]", "6"), choice=choice)
    found = differing(story(stream(PC), choice=choice), story(after, choice=choice))
    assert told(found) == {"mc146818rtc": ["cmos_data[2..3]", "cmos_data[9]", "cmos_index"],
                           "cpu": [f"{names[1]}[8..9]", f"{names[1]}[11]", f"{names[1]}[12]"]}
    assert {one.by for one in found.pairs} == {"declared"} if choice == "auto" else {"declared", "embedded"}
    (clock,) = [one for one in found.changed if one.before.label == "mc146818rtc"]
    change = clock.differences[0]
    assert change.before is not None
    assert change.after is not None
    assert (bytes(change.before.seen.value), bytes(change.after.seen.value)) == (b"\x12\0", b"\1\2")


def test_a_subsection() -> None:
    more = edited(stream(PC), (f"mc146818rtc::{REINJECT}", '{"irq_reinject_on_ack_count": 3}'))
    assert told(differing(story(stream(PC)), story(more))) == {"mc146818rtc": [f"+{REINJECT}"]}
    assert told(differing(story(more), story(stream(PC)))) == {"mc146818rtc": [f"-{REINJECT}"]}


def test_sections() -> None:
    found = differing(story(stream("smp2-72")), story(stream("q62-72")))
    assert {one.label for one in found.removed} >= {"cpu_common@1", "cpu@1", "apic@1"}
    assert "cpu" in [one.before.label for one in found.pairs]
    back = differing(story(stream("q62-72")), story(stream("smp2-72")))
    assert [one.label for one in back.added] == [one.label for one in found.removed]


def test_names_that_two_releases_do_not_have_in_common() -> None:
    """QEMU 10.0 has the number of the HPET's timers under another name than 7.2."""
    sides = "pc100-100-nodefaults", "pc72-72-nodefaults"
    declared = differing(*(story(stream(name)) for name in sides))
    embedded = differing(*(story(stream(name), choice="embedded") for name in sides))
    assert "hpet" not in told(declared)
    assert told(embedded)["hpet"] == ["-num_timers_save", "+num_timers"]


def test_what_is_ignored() -> None:
    after = story(edited(stream(PC), ("rtc::cmos_index", "1"), ("cpu::eip", "1")))
    places = list[str]()
    found = differing(story(stream(PC)), after, lambda place: bool(places.append(place)) or place == "cpu::eip")
    assert set(places) >= {"mc146818rtc::cmos_index", "cpu::eip"}
    assert told(found) == {"mc146818rtc": ["cmos_index"]}
    assert found.ignored == 1
    assert differing(story(stream(PC)), after, lambda _: True).same


# -- a device with one of each

@state("leaf")
class Leaf:
    x: int = uint8()
    y: int = uint8()


@state("all")
class All:
    n: int = uint8()
    rows: list[Leaf] = array(nested(Leaf), "n")
    grid: list[int] = array(uint8(), 4)
    slot: Leaf | None = nullable(nested(Leaf))
    by: dict[int, Leaf] = mapping(uint8(), nested(Leaf))
    data: bytearray = buffer("n")
    flag: bool = boolean()
    _pad = unused(2)

    @subsection("all/a")
    def _a(self) -> bool:
        return self.a != 0

    a: int = uint8()


KNOWN = Registry({"all": All})


def made(version: int = 1, **members: Any) -> Story:
    body = vmstate.save(All(**members), qemufile)
    return story(HEADER + full(4, "all", body, version=version) + full(5, "raw", b"abcdefgh") + EOF, KNOWN)


LEAVES = [Leaf(x=1, y=2), Leaf(x=1, y=2), Leaf(x=1, y=2)]


@pytest.mark.parametrize(("before", "after", "expected"), [
    ({}, {}, []),
    ({"n": 3, "rows": LEAVES, "data": bytearray(3)},
     {"n": 3, "rows": [Leaf(x=5, y=6)] * 3, "data": bytearray(3)}, ["rows[0..2].x", "rows[0..2].y"]),
    ({"n": 3, "rows": LEAVES, "data": bytearray(3)},
     {"n": 3, "rows": [Leaf(x=5, y=2), Leaf(x=1, y=2), Leaf(x=5, y=2)], "data": bytearray(3)},
     ["rows[0].x", "rows[2].x"]),
    ({"n": 3, "rows": LEAVES, "data": bytearray(3)}, {"n": 1, "rows": LEAVES[:1], "data": bytearray(1)},
     ["n", "-rows[1..2]", "data"]),
    ({"n": 1, "rows": LEAVES[:1], "data": bytearray(1)}, {"n": 3, "rows": LEAVES, "data": bytearray(3)},
     ["n", "+rows[1..2]", "data"]),
    ({"grid": [1, 1, 2, 2]}, {"grid": [3, 3, 3, 3]}, ["grid[0..1]", "grid[2..3]"]),
    ({"slot": None}, {"slot": Leaf()}, ["slot"]),
    ({"slot": Leaf(x=1)}, {"slot": Leaf(x=2)}, ["slot.x"]),
    ({"by": {1: Leaf(), 2: Leaf()}}, {"by": {2: Leaf(x=1), 3: Leaf()}}, ["-by[0]", "by[1].value.x", "+by[1]"]),
    ({"flag": False}, {"flag": True}, ["flag"]),
    ({"a": 0}, {"a": 1}, ["+all/a"]),
    ({"a": 2}, {"a": 1}, ["a"]),
])
def test_what_differs(before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    found = told(differing(made(**before), made(**after)))
    assert found == ({"all": expected} if expected else {})


def test_unused_bytes_mean_nothing() -> None:
    data = HEADER + full(4, "all", vmstate.save(All(), qemufile)) + EOF
    odd = data.replace(b"\0\0\0\x7e", b"\0\1\2\x7e")
    assert odd != data
    assert differing(story(data, KNOWN), story(odd, KNOWN)).same


def test_what_nobody_understands() -> None:
    bodies = b"\0bcdefgh12345678", b"\0Xcdefgh1234567Y"
    one, two = (story(HEADER + full(5, "raw", body) + EOF, KNOWN) for body in bodies)
    found = differing(one, two)
    assert told(found) == {"raw": ["bytes[1]", "bytes[15]"]}
    assert [pair.by for pair in found.changed] == ["bytes"]
    short = story(HEADER + full(5, "raw", b"abc") + EOF, KNOWN)
    assert told(differing(one, short)) == {"raw": ["bytes"]}


def test_a_version() -> None:
    one, two = (story(HEADER + full(5, "raw", b"abc", version=version) + EOF, KNOWN) for version in (1, 2))
    (pair,) = differing(one, two).changed
    (change,) = pair.differences
    assert (str(change), change.before and change.before.seen.value, change.after and change.after.seen.value) == (
        "", 1, 2)


def test_sections_of_one_name() -> None:
    """Each by its number: a live device has many."""
    def of(*bodies: bytes) -> Story:
        return story(HEADER + b"".join(full(at, "raw", body) for at, body in enumerate(bodies, 3)) + EOF, KNOWN)

    found = differing(of(b"a", b"b"), of(b"a", b"c", b"d"))
    assert told(found) == {"raw": ["bytes[0]"]}
    assert [one.body for one in found.added] == [b"d"]


# -- guest memory

def test_pages() -> None:
    changed = rewritten(stream(PC), memory={0x123: b"changed", 0xFF010: b"x"})
    (one,) = differing(story(stream(PC)), story(changed)).pages
    assert (one.block, one.both, one.differ, one.before, one.after) == ("pc.ram", 4096, 2, 0, 0)


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_known(name: str) -> None:
    """Those of pages that were sent again once."""
    memory = story(stream(name)).memory
    assert memory.why in ("", "pages are sent as changes (XBZRLE)", "pages go through multifd channels")
    if name.startswith("pc72"):
        assert len(memory.blocks["pc.ram"]) * 4096 in (16 << 20, 32 << 20)


def test_mapped_memory_is_like_any() -> None:
    """A page that is not stored is one of zeros."""
    held, sent = Held(), Held()
    held.take(MappedBlock("ram", 0x3000, None, 1, 0x1000, 0, 0, 0, 0), b"", 0x1000)
    held.take(Stored("ram", 0, 1, False, 0, 0x1000), b"\1" * 0x1000, 0x1000)
    held.take(Stored("ram", 0x1000, 2, True, 0, 0x2000), b"\2" * 0x1000 + b"\3" * 0x1000, 0x1000)
    sent.take(Item(Flag.ZERO, 0, "ram", True, 10, 11), b"\0", 0x1000)
    sent.take(Item(Flag.PAGE, 0x1000, "ram", False, 0, 0x1000), b"\2" * 0x1000, 0x1000)
    sent.take(Item(Flag.ZERO, 0x2000, "ram", False, 10, 11), b"\3", 0x1000)
    (found,) = compared(held, sent)
    assert (found.both, found.differ, found.before, found.after) == (3, 0, 0, 0)
    sent.take(Item(Flag.PAGE, 0x2000, "ram", False, 0, 0x1000), b"\4" * 0x1000, 0x1000)
    assert [one.differ for one in compared(held, sent)] == [1]


def test_memory_that_cannot_be_followed() -> None:
    held = Held()
    held.take(Item(Flag.PAGE, 0, "ram", True, 0, 0x1000), bytes(0x1000), 0x1000)
    held.take(Item(Flag.XBZRLE, 0, "ram", False, 0, 3), b"abc", 0x1000)
    assert held.why == "pages are sent as changes (XBZRLE)"
    held.take(Item(Flag.PAGE, 0, "ram", True, 0, 0x1000), bytes(0x1000), 0x1000)
    assert held.blocks == {}


def test_memory_that_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migration.ram.held.MOST_PAGES", 2)
    held = Held()
    held.take(Item(Flag.ZERO, 0, "ram", True, 0, 1, 2), b"\0", 0x1000)
    assert held.why == ""
    held.take(Item(Flag.ZERO, 0, "ram", True, 0, 1, 1), b"\0", 0x1000)
    assert (held.why, held.blocks) == ("there is too much of it", {})
