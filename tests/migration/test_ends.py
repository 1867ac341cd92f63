"""Where bodies end: live sections by their own format, devices of streams with and without footers, damaged ones."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import repeat
from typing import Any

import pytest

from devices.catalogue import registry
from migration.attempts import Attempts
from migration.replica import Stream, verify
from migration.sections import RESYNCED, Section
from migration.stream import bounds
from migration.stream import ends as module
from migration.stream.bounds import footer_of
from migration.stream.ends import Ends, Place
from migration.stream.events import Body, Configured, Event, Kind, SectionBegin, SectionEnd, Trailer
from migration.stream.reader import StreamReader
from tests.migration.made import BARE, EOF, HEADER, cut, fed, full, named, part, plain, without
from tests.migration.recorded import NAMES, STREAMS, stream
from vmstate import Registry, Undetermined, buffer, state, uint32
from vmstate.errors import NeedMore

MAIN = [name for name in NAMES if not name.startswith("opt-mapped-ram")]
"""What lies at fixed places of a file cannot be moved."""
EOS = (0x10).to_bytes(8, "big")
RAM_START = (0x1004).to_bytes(8, "big") + b"\x02pc" + (0x1000).to_bytes(8, "big") + EOS


def bodies(events: Iterable[Event | Section]) -> list[tuple[str, int, bytes]]:
    """Names, instances and bodies of a stream's sections."""
    return [(one.header.name, one.header.instance_id, one.body) for one in events if isinstance(one, Section)]


# -- recorded streams without what bounds their sections

@pytest.mark.parametrize("known", [registry(), Registry()], ids=["declared", "unknown"])
@pytest.mark.parametrize("name", MAIN)
def test_without_anything(name: str, known: Registry) -> None:
    """As old machine types send them: no configuration, no footers, no description."""
    expected = bodies(Stream(stream(name), Registry()).events())
    gone = BARE[1:] if "ignore-shared" in name else BARE
    bare = Stream(without(stream(name), *gone), known)
    events = list(bare.events())
    assert bodies(events) == expected
    assert bare.reader.footers is False
    for one in events:
        if isinstance(one, Section):
            assert (one.source == "opaque") == (one.notes == [RESYNCED])
            assert one.findings == []
    if STREAMS[name]["page_size"] is not None:
        assert bare.reader.page_size == STREAMS[name]["page_size"]


@pytest.mark.parametrize("trailer", [True, False])
@pytest.mark.parametrize("footers", [True, False])
@pytest.mark.parametrize("configured", [True, False])
def test_each_of_them_alone(configured: bool, footers: bool, trailer: bool) -> None:
    data = stream("smp2-72")
    there = {Configured: configured, SectionEnd: footers, Trailer: trailer}
    bare = Stream(without(data, *(kind for kind, kept in there.items() if not kept)), registry())
    events = list(bare.events())
    assert bodies(events) == bodies(Stream(data, registry()).events())
    assert any(isinstance(one, Configured) for one in events) is configured
    assert any(isinstance(one, Trailer) for one in events) is trailer
    assert bare.reader.footers is footers
    assert {one.source for one in events if isinstance(one, Section)} == {"declared"}


@pytest.mark.parametrize(("name", "size"), [("none-72", 1), ("tricore-100", 1), ("opt-no-footer-100", 997)])
def test_fed_in_pieces(name: str, size: int) -> None:
    """With nothing known, and with all declarations."""
    data, page_size = without(stream(name), *BARE), STREAMS[name]["page_size"]
    for known in (Registry(), registry()):
        expected = plain(Stream(data, known).reader.over(data), page_size)
        assert plain(fed(cut(data, repeat(size)), Stream(data, known).reader), page_size) == expected


# -- live sections

TRAP = b"\x7e\0\0\0\x09" + full(77, "trap", b"trapped")
"""What looks like a footer of section 9 with a section behind it."""
CHUNK = b"\0\0\0\x01" + b"\0\x03\0\0" + (TRAP + bytes(48))[:48]
HTAB = {"start": b"\0\0\0\x12", "part": bytes(4) + CHUNK + bytes(8), "end": bytes(4) + bytes(8)}
BITS = b"\x44\x03bm0" + bytes(8) + (256).to_bytes(4, "big") + (32).to_bytes(8, "big") + (TRAP + bytes(32))[:32]
BITMAP = {"start": b"\x1c\x02n0\x03bm0\0\x01\0\0\0\x01", "part": BITS + b"\x20\x01", "end": b"\x01"}
DISK = (1).to_bytes(8, "big") + b"\x02d0" + TRAP + bytes((1 << 20) - len(TRAP))
BLOCK = {"start": (2).to_bytes(8, "big"), "part": DISK + (2).to_bytes(8, "big"), "end": (0xC802).to_bytes(8, "big")}
END_OF_STATE, SETUP, DATA = ((0xFFFF_FFFF_EF10_0000 + tag).to_bytes(8, "big") for tag in (1, 3, 4))
VFIO = {"start": SETUP + END_OF_STATE, "part": DATA + len(TRAP).to_bytes(8, "big") + TRAP + END_OF_STATE,
        "end": END_OF_STATE}
LIVE = {9: ("spapr/htab", HTAB), 10: ("dirty-bitmap", BITMAP), 11: ("block", BLOCK), 12: ("0000:00:05.0/vfio", VFIO)}
DEVICE = full(20, "cpu_common", bytes(8)), full(20, "cpu_common", bytes(8), footer=False)


def interleaved(footers: bool, *, order: Iterable[int] = tuple(LIVE), ram: bool = True) -> bytes:
    """Several live sections, a part of each in turn."""
    out = [named(Kind.SECTION_START, 2, "ram", RAM_START, version=4, footer=footers)] if ram else []
    order = list(order)
    for step, kind in (("start", Kind.SECTION_START), ("part", Kind.SECTION_PART), ("part", Kind.SECTION_PART),
                       ("end", Kind.SECTION_END)):
        for number in order:
            name, told = LIVE[number]
            out.append(named(kind, number, name, told[step], footer=footers) if kind is Kind.SECTION_START
                       else part(kind, number, told[step], footer=footers))
        if ram and step != "start":
            out.append(part(kind, 2, EOS, footer=footers))
        order.reverse()
    return HEADER + b"".join(out) + DEVICE[not footers] + EOF


@pytest.mark.parametrize("footers", [True, False])
def test_live_sections(footers: bool) -> None:
    """Bounded by their own format, whatever their data look like."""
    data = interleaved(footers)
    found = bodies(Stream(data, registry()).events())
    assert [(name, body) for name, _, body in found if name != "cpu_common"] == [
        (LIVE[number][0], LIVE[number][1][step])
        for step, order in (("start", LIVE), ("part", reversed(LIVE)), ("part", LIVE), ("end", reversed(LIVE)))
        for number in order]
    assert found[-1] == ("cpu_common", 0, bytes(8))


@pytest.mark.parametrize("footers", [True, False])
@pytest.mark.parametrize("order", [(9, 10, 12), (12, 10, 9)])
def test_live_sections_fed(footers: bool, order: tuple[int, ...]) -> None:
    data = interleaved(footers, order=order)
    for whole in (data, data + b"behind" * footers):
        expected = plain(Stream(whole, registry()).reader.over(whole), 4096)
        for size in (1, 13):
            assert plain(fed(cut(whole, repeat(size)), Stream(whole, registry()).reader), 4096) == expected


@pytest.mark.parametrize("order", [(9,), (10,), (11,), (12,), tuple(LIVE), tuple(reversed(LIVE))])
def test_a_live_section_may_be_the_first(order: tuple[int, ...]) -> None:
    """It decides whether there are footers."""
    for footers in (True, False):
        made = Stream(interleaved(footers, order=order, ram=False), registry())
        assert len(bodies(made.events())) == 4 * len(order) + 1
        assert made.reader.footers is footers


def test_a_live_section_that_nobody_knows() -> None:
    """By its footer; without one, up to whatever record may come."""
    for footers in (True, False):
        parts = [named(1, 9, "live", b"abc", footer=footers), part(2, 9, b"defg", footer=footers),
                 named(1, 2, "ram", RAM_START, version=4, footer=footers), part(3, 9, b"", footer=footers),
                 part(3, 2, EOS, footer=footers), full(3, "device", b"hij", footer=footers)]
        found = bodies(Stream(HEADER + b"".join(parts) + EOF, Registry()).events())
        assert [body for _, _, body in found] == [b"abc", b"defg", b"", b"hij"]


# -- one body

@state("ends/sized")
class Sized:
    """As long as it says."""

    size: int = uint32()
    data: bytearray = buffer("size")


def ends(sizes: Iterable[int], footers: bool | None) -> Ends:
    """Lengths are these."""
    made = Ends(lambda *_: sizes)
    made.footers = footers
    made.sections[7] = SectionBegin(Kind.SECTION_FULL, 7, "one", 0, 1, 0, 0)
    return made


FOOTED, NEXT = b"body" + footer_of(7) + EOF, b"body" + full(8, "next", b"")
FOUND: list[tuple[str, bytes, list[int], bool | None, tuple[int, bool]]] = [
    ("a footer", FOOTED, [], True, (4, False)),
    ("a footer, and a wrong length", FOOTED, [3], True, (4, False)),
    ("a length where a footer is, and something behind", FOOTED + b"behind", [3, 4], True, (4, False)),
    ("the only footer, and something behind", FOOTED + b"behind", [3], True, (4, False)),
    ("the first one decides: a footer", FOOTED, [4], None, (4, False)),
    ("the first one decides: a footer, of unknown length", FOOTED, [], None, (4, False)),
    ("the first one decides: none", NEXT, [3, 4], None, (4, False)),
    ("the first one decides: none, of unknown length", NEXT, [], None, (4, True)),
    ("a length", NEXT, [4], False, (4, False)),
    ("wrong lengths", NEXT, [1, 3, 5, 99], False, (4, True)),
    ("the next header", NEXT, [], False, (4, True)),
    ("the end", b"body" + EOF, [], False, (4, True)),
    ("the end and a description", b"body\0\x06\0\0\0\x02{}", [], False, (4, True)),
    ("a zero within", b"bo\0dy" + EOF, [], False, (5, True)),
    ("a header with an id in use", full(7, "one", b"") + NEXT, [], False, (17 + 5 + 4, True)),
    ("a header with a high id", full(0x10000, "other", b"", footer=False) + NEXT, [], False, (19 + 4, True)),
    ("a header with a short name", full(9, "x", b"", footer=False) + NEXT, [], False, (15 + 4, True)),
    ("a header within what is told", full(9, "inner", b"") + NEXT, [24 + 4], False, (24 + 4, False)),
    ("another footer", b"body" + footer_of(8) + EOF, [], False, (9, True)),
    ("a command within", b"\x08\0\x01\0\0" + NEXT, [], False, (9, True)),
    ("the ping behind the last of a package", b"body\x08\0\2\0\4\0\0\0\3", [], False, (4, True)),
]


@pytest.mark.parametrize(
    ("data", "sizes", "footers", "end"), [one[1:] for one in FOUND], ids=[one[0] for one in FOUND])
def test_an_end(data: bytes, sizes: list[int], footers: bool | None, end: tuple[int, bool]) -> None:
    made = ends(sizes, footers)
    made.sections[2] = SectionBegin(Kind.SECTION_START, 2, "ram", 0, 4, 0, 0)
    assert made.find(made.sections[7], Place(data, 0, memoryview(data), True)) == end
    for ahead in (b"", b"ahead"):
        for size in range(len(data)):
            short = ahead + data[:size]
            try:
                found = made.find(made.sections[7], Place(short, len(ahead), memoryview(short)[len(ahead):], False))
            except NeedMore:
                continue
            assert found == end


@pytest.mark.parametrize(("footers", "data"), [
    (True, TRAP[:5] + EOF + b"\x06\0\0\0\2{}" + footer_of(9) + part(3, 9, b"")),
    (False, full(8, "next", b"") + part(3, 9, b"")),
])
def test_a_live_section_never_ends_within(footers: bool, data: bytes) -> None:
    """However much of it is there: what looks like its end is its own."""
    size = data.rindex(part(3, 9, b"")) - 5 * footers
    made = ends([size], footers)
    made.sections[9] = SectionBegin(Kind.SECTION_START, 9, "live", 0, 1, 0, 0)
    section = SectionBegin(Kind.SECTION_PART, 9, "live", 0, 1, 0, 0)
    for most in range(len(data)):
        try:
            found = made.find(section, Place(data[:most], 0, memoryview(data[:most]), False))
        except NeedMore:
            continue
        assert found == (size, False)
    assert made.find(section, Place(data, 0, memoryview(data), True)) == (size, False)


@pytest.mark.parametrize("footers", [True, False, None])
@pytest.mark.parametrize("data", [b"", b"body", b"body" + footer_of(8) + b"\x01", full(7, "one", b"")[:-5]])
def test_no_end(data: bytes, footers: bool | None) -> None:
    made = ends([1, 99], footers)
    with pytest.raises(Undetermined, match="nothing tells where this section ends"):
        made.find(made.sections[7], Place(data, 0, memoryview(data), True))


def test_what_comes_before_ram_may_be_followed_by_it() -> None:
    """An early section of which nobody knows the length, without footers."""
    ram = named(1, 2, "ram", RAM_START, version=4, footer=False) + part(3, 2, EOS, footer=False)
    data = HEADER + full(5, "early", b"\4\0\0\0\2\0", footer=False) + ram + full(6, "late", b"\1\0\0\0\3\2ab",
                                                                                footer=False) + EOF
    assert [body for _, _, body in bodies(Stream(data, Registry()).events())] == [b"\4\0\0\0\2\0", b"\1\0\0\0\3\2ab"]


# -- names, ids and places

@pytest.mark.parametrize("footers", [True, False])
def test_any_order_any_id(footers: bool) -> None:
    """Before RAM and behind it, id 0, ids that fall, ids of 32 bits (with footers), names that repeat."""
    high = 0xFFFF_FFFF if footers else 0xFFFF
    early = full(0, "cpu_common", bytes(8), footer=footers) + full(high, "cpu_common", bytes(8), footer=footers)
    ram = named(1, high - 1, "ram", RAM_START, version=4, footer=footers) + part(3, high - 1, EOS, footer=footers)
    late = b"".join(full(number, "cpu_common", bytes(8), instance=instance, footer=footers)
                    for number, instance in ((9, 0), (3, 1), (0x7E00, 0x8000_0001), (1, 0)))
    found = list(Stream(HEADER + early + ram + late + EOF, registry()).events())
    assert [one.header.section_id for one in found if isinstance(one, Section)] == [0, high, 9, 3, 0x7E00, 1]
    assert {one.source for one in found if isinstance(one, Section)} == {"declared"}


@pytest.mark.parametrize("name", ["smp2-72", "microblaze-72"])
def test_sections_in_another_order(name: str) -> None:
    """Each is still understood, by its declaration or its description."""
    data = stream(name)
    pieces, at = list[tuple[int, bytes]](), 0
    for event in Stream(data, Registry()).reader.over(data):
        if isinstance(event, SectionEnd) and event.section.kind is Kind.SECTION_FULL:
            pieces.append((event.section.begin, data[event.section.begin:event.end]))
    first, last = pieces[0][0], pieces[-1][0] + len(pieces[-1][1])
    random.Random(name).shuffle(pieces)  # noqa: S311  the same order each time
    for at in (first, 8 + data[8:].index(b"\x01\0\0")):  # in their place, and before RAM
        moved = data[:at] + b"".join(piece for _, piece in pieces) + data[at:first] + data[last:]
        found = Stream(moved, registry()).events()
        assert sorted(bodies(found)) == sorted(bodies(Stream(data, registry()).events()))
        assert all(one.source != "opaque" for one in Stream(moved, registry()).events() if isinstance(one, Section))


# -- damage

def test_a_search_that_fails_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of many sections is not searched to its end for each of them."""
    sections = b"".join(full(i, f"s{i}", b"body") for i in range(3, 600))
    data = HEADER + sections.replace(footer_of(300), b"\x7e\0\0\xff\xff") + EOF
    failed, search = list[int](), bounds.find_footer

    def counted(*arguments: Any) -> int | None:
        found = search(*arguments)
        failed.extend([arguments[1]] * (found is None))
        return found

    monkeypatch.setattr(module, "find_footer", counted)
    with pytest.raises(Undetermined):
        list(StreamReader().over(data))
    assert len(failed) == 1


def test_searches_that_fail_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sections that are understood, of which no header looks like one: their versions are too high."""
    failed, search = list[int](), bounds.find_footer
    made = named(1, 2, "ram", RAM_START, version=4) + part(3, 2, EOS)
    made += b"".join(full(i, f"s{i}", b"body", version=1 << 26) for i in range(3, 603))

    def counted(*arguments: Any) -> int | None:
        found = search(*arguments)
        failed.extend([len(arguments[0]) - arguments[1]] * (found is None))
        return found

    monkeypatch.setattr(module, "find_footer", counted)
    for told in ([4], []):
        failed.clear()
        data = HEADER + made + EOF
        found = [one for one in StreamReader(extents=lambda *_, told=told: told).over(data) if isinstance(one, Body)]
        assert [data[one.begin:one.end] for one in found] == [b"body"] * 600
        assert sum(failed) < 4 * len(data)


def test_walks_in_vain_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sections of which each claims a large part of the stream."""
    known, data, walked, settle = Registry(), bytearray(HEADER), list[int](), Attempts.settle
    known.add(Sized)
    for i in range(3, 3000):
        data += full(i, "ends/sized", (100_000).to_bytes(4, "big") + bytes(30), footer=False)

    def counted(attempts: Attempts, length: int) -> None:
        walked.extend(attempts._reached)
        settle(attempts, length)

    monkeypatch.setattr(Attempts, "settle", counted)
    found = [one for one in Stream(bytes(data + EOF), known).events() if isinstance(one, Section)]
    assert len(found) == 2997
    assert 2 * len(data) < sum(walked) < 6 * len(data)


@pytest.mark.parametrize("seed", range(40))
def test_damaged(seed: int) -> None:
    """Live sections and devices without footers, with some bytes changed: an error has a place, or nothing is wrong."""
    pick = random.Random(seed)  # noqa: S311  the same each time
    data = bytearray(interleaved(pick.random() < 0.5, order=(9, 10)) if seed % 2 else without(stream("none-72"), *BARE))
    for _ in range(pick.choice((1, 1, 3))):
        data[pick.randrange(8, len(data))] = pick.choice((0, 1, 4, 5, 0x7E, 0xFF))
    report = verify(Stream(bytes(data), registry()))
    assert 0 <= report.accounted <= len(data)
    if report.error is not None:
        assert report.error.offset is not None
        assert 0 <= report.error.offset <= len(data)
    else:
        assert report.identical
