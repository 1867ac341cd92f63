"""The framing of a stream: whole, byte by byte, in pieces, cut short and with something behind it."""

import random
import re
from collections.abc import Iterable
from itertools import pairwise, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.catalogue import registry
from migration.ram.items import BlockList, Flag, Item
from migration.replica import Stream
from migration.stream.events import (
    Body,
    Command,
    Configured,
    EndOfStream,
    Event,
    Header,
    Hole,
    Kind,
    Ram,
    Rest,
    SectionBegin,
    SectionEnd,
    Trailer,
)
from migration.stream.reader import Beginning, StreamReader
from tests.migration.made import (
    EOF,
    HEADER,
    command,
    configuration,
    cut,
    fed,
    full,
    named,
    part,
    plain,
    whole,
)
from tests.migration.recorded import NAMES, STREAMS, stream
from vmstate import BadMarker, DecodeError, Mismatch, Truncated, Undetermined, Unsupported, VMStateError

EOS = (Flag.EOS).to_bytes(8, "big")
RAM_START = (0x1000 | Flag.MEM_SIZE).to_bytes(8, "big") + b"\x02pc" + (0x1000).to_bytes(8, "big") + EOS

CAPABILITY = b"\x05\x1aconfiguration/capabilities\0\0\0\x01\0\0\0\x01"


def reader_of(data: bytes) -> StreamReader:
    """A reader that knows what the trailer of this stream tells."""
    return Stream(data, registry()).reader


def page_size(name: str) -> int:
    """As the stream tells, or 4096."""
    return STREAMS[name]["page_size"] or 4096


# -- recorded streams

@pytest.mark.parametrize("name", NAMES)
def test_every_byte_is_accounted_for(name: str) -> None:
    at = 0
    for event in reader_of(stream(name)).over(stream(name)):
        if isinstance(event, Body):
            assert event.begin == at
        at = event.end
    assert at == len(stream(name))


@pytest.mark.parametrize("name", NAMES)
def test_in_random_pieces(name: str) -> None:
    data = stream(name)
    expected = plain(reader_of(data).over(data), page_size(name))
    sizes = random.Random(name)  # noqa: S311 - the same pieces each time
    for most in (40, 3000, 100_000):
        pieces = cut(data, iter(lambda top=most: sizes.randrange(top), None))
        assert plain(fed(pieces, reader_of(data)), page_size(name)) == expected


@pytest.mark.parametrize("name", [
    "none-72", "tricore-100", "or1k-sim-100", "opt-no-footer-100", "opt-no-config-72"])
def test_byte_by_byte(name: str) -> None:
    data = stream(name)
    expected = plain(reader_of(data).over(data), page_size(name))
    assert plain(fed(cut(data, repeat(1)), reader_of(data)), page_size(name)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_with_something_behind(name: str) -> None:
    data = stream(name)
    expected = plain(reader_of(data).over(data), page_size(name))
    behind = b"\x04 not a section at all"
    rest = Rest(len(data), len(data) + len(behind))
    assert plain(reader_of(data).over(data + behind), page_size(name)) == [*expected, rest]
    pieces = cut(data + behind, repeat(997))
    assert plain(fed(pieces, reader_of(data)), page_size(name)) == [*expected, rest]


@given(cuts=st.lists(st.integers(0, 1013), max_size=20))
def test_cut_anywhere(cuts: list[int]) -> None:
    data = stream("none-72")
    edges = [0, *sorted(cuts), len(data)]
    pieces = [data[begin:end] for begin, end in pairwise(edges)]
    assert plain(fed(pieces), 4096) == plain(whole(data), 4096)


@pytest.mark.parametrize(("name", "step"), [("none-72", 1), ("tricore-100", 7), ("opt-no-config-72", 9973)])
def test_every_beginning(name: str, step: int) -> None:
    """An error at a place in what there is, after the same events; the same error when fed."""
    data = stream(name)
    expected = plain(reader_of(data).over(data), page_size(name))
    (complete,) = [event.end for event in expected if isinstance(event, EndOfStream)]
    for size in range(0, len(data), step):
        found, error = _whole(data[:size], StreamReader(page_size(name)))
        in_time, same = _fed(data[:size], StreamReader(page_size(name)))
        assert plain(found, page_size(name)) == plain(in_time, page_size(name))
        assert (type(same), str(same)) == (type(error), str(error))
        known = plain(found, page_size(name))
        if known and isinstance(last := known[-1], SectionEnd) and last.begin == last.end:
            known.pop()  # its footer is not there, or not all of it
        assert known == expected[:len(known)]
        if size == complete:
            assert error is None
            continue
        assert isinstance(error, DecodeError)
        assert error.offset is not None
        assert 0 <= error.offset <= size


@pytest.mark.parametrize("left", [1, 2, 3, 4])
def test_half_a_footer(left: int) -> None:
    data = HEADER + named(1, 2, "ram", RAM_START, version=4)
    with pytest.raises(Truncated):
        whole(data[:len(data) - left])


Outcome = tuple[list[Event], VMStateError | None]


def _whole(data: bytes, reader: StreamReader) -> Outcome:
    return _until(reader.over(data))


def _fed(data: bytes, reader: StreamReader) -> Outcome:
    found, error = _until(reader.feed(data))
    assert error is None  # more may come
    behind, error = _until(reader.close())
    return [*found, *behind], error


def _until(events: Iterable[Event]) -> Outcome:
    """The events, and the error that ends them."""
    found: list[Event] = []
    try:
        found.extend(events)
    except VMStateError as error:
        return found, error
    return found, None


@pytest.mark.parametrize("name", NAMES)
def test_footers(name: str) -> None:
    ends = [event for event in reader_of(stream(name)).over(stream(name)) if isinstance(event, SectionEnd)]
    assert {event.footer for event in ends} == {name != "opt-no-footer-100"}


@pytest.mark.parametrize("name", NAMES)
def test_the_configuration(name: str) -> None:
    found = [event.configuration for event in reader_of(stream(name)).over(stream(name))
             if isinstance(event, Configured)]
    assert [one.machine for one in found] == ([] if name == "opt-no-config-72" else [STREAMS[name]["machine"]])
    if name == "opt-uuid-72":
        assert bytes(found[0].uuid).hex() == "123456789abcdef01122334455667788"
    if name.startswith("a64-"):
        assert found[0].page_size == 4096


@pytest.mark.parametrize("name", NAMES)
def test_the_trailer(name: str) -> None:
    found = [event for event in reader_of(stream(name)).over(stream(name)) if isinstance(event, Trailer)]
    assert bool(found) is STREAMS[name]["vmdesc"]
    assert all(event.text[:1] == b"{" and event.end == len(stream(name)) for event in found)


def test_sections_of_the_smallest_stream() -> None:
    kinds = [type(event).__name__ for event in whole(stream("none-72"))]
    assert kinds == [
        "Header", "Configured", "SectionBegin", "Ram", "Ram", "SectionEnd", "SectionBegin", "Ram", "SectionEnd",
        *["SectionBegin", "Body", "SectionEnd"] * 3, "EndOfStream", "Trailer"]


# -- streams made by hand

def test_the_records() -> None:
    data = HEADER + command(2, b"\0\0\0\x01") + full(7, "one", b"body", instance=2, version=3) + EOF
    begin = SectionBegin(Kind.SECTION_FULL, 7, "one", 2, 3, 17, 34)
    assert whole(data) == [
        Header(3, 8), Command(2, b"\0\0\0\x01", 8, 17), begin, Body(begin, 34, 38), SectionEnd(begin, True, 38, 43),
        EndOfStream(43, 44)]


def test_parts_are_matched_by_their_id() -> None:
    data = HEADER + named(1, 9, "spapr/htab", b"start", version=4) + part(2, 9, b"part") + part(3, 9, b"") + EOF
    begins = [event for event in whole(data) if isinstance(event, SectionBegin)]
    assert [(one.kind, one.section_id, one.name, one.version) for one in begins] == [
        (Kind.SECTION_START, 9, "spapr/htab", 4), (Kind.SECTION_PART, 9, "spapr/htab", 4),
        (Kind.SECTION_END, 9, "spapr/htab", 4)]
    assert [data[event.begin:event.end] for event in whole(data) if isinstance(event, Body)] == [b"start", b"part", b""]


def test_ram_is_taken_item_by_item() -> None:
    page = bytes(range(256)) * 16
    data = HEADER + named(1, 2, "ram", RAM_START, version=4)
    data += part(2, 2, (0 | Flag.PAGE).to_bytes(8, "big") + b"\x02pc" + page + EOS) + part(3, 2, EOS) + EOF
    items = [event.part for event in whole(data) if isinstance(event, Ram) and isinstance(event.part, Item)]
    assert [one.flag for one in items] == [Flag.EOS, Flag.PAGE, Flag.EOS, Flag.EOS]
    assert data[items[1].begin:items[1].end] == page


def test_a_full_section_named_ram_is_none() -> None:
    data = HEADER + full(2, "ram", b"whatever") + EOF
    assert [data[event.begin:event.end] for event in whole(data) if isinstance(event, Body)] == [b"whatever"]


def test_footers_may_be_missing_from_all_sections() -> None:
    """RAM needs none to be bounded; other bodies are as long as is told, or reach to what looks like a header."""
    ram = named(1, 2, "ram", RAM_START, version=4, footer=False) + part(3, 2, EOS, footer=False)
    data = HEADER + ram + full(3, "known", b"\0\0\0\x05", footer=False) + full(4, "other", b"", footer=False) + EOF
    for extents, resynced in ((None, [True, True]), (lambda section, *_: [len(section.name) - 1], [False, True])):
        reader = StreamReader(extents=extents)
        found = [event for event in reader.over(data) if isinstance(event, Body)]
        assert reader.footers is False
        assert [data[event.begin:event.end] for event in found] == [b"\0\0\0\x05", b""]
        assert [event.resynced for event in found] == resynced


@pytest.mark.parametrize("told", [[3], [5], [99], [], [1, 2, 3]])
def test_a_footer_goes_before_a_wrong_length(told: list[int]) -> None:
    data = HEADER + full(7, "one", b"body") + full(8, "two", b"") + EOF
    events = StreamReader(extents=lambda *_: told).over(data)
    assert [data[event.begin:event.end] for event in events if isinstance(event, Body)] == [b"body", b""]


def test_a_length_goes_before_a_footer_within() -> None:
    """Data that look like a footer with a record behind it; the description knows better."""
    trap = b"\x7e\x00\x00\x00\x07\x08\x00\x01\x00\x00"
    data = HEADER + full(7, "one", trap) + EOF
    (body,) = [event for event in StreamReader(extents=lambda *_: [len(trap)]).over(data) if isinstance(event, Body)]
    assert data[body.begin:body.end] == trap


REFUSED: list[tuple[str, bytes, type[VMStateError], int, str]] = [
    ("nothing", b"", Mismatch, 0, "no migration stream"),
    ("other magic", b"QEVX\0\0\0\x03", Mismatch, 0, "one begins with QEVM"),
    ("an image", b"QFI\xfb\0\0\0\x03", Mismatch, 0, "one begins with QEVM"),
    ("half a magic", b"QE", Truncated, 0, "expected 4 bytes"),
    ("version 2", b"QEVM\0\0\0\x02", Unsupported, 4, "a stream of version 2"),
    ("version 4", b"QEVM\0\0\0\x04", Unsupported, 4, "a stream of version 4"),
    ("nothing behind", HEADER, Truncated, 8, "expected 1 byte, got 0"),
    ("no record", HEADER + b"\x09", BadMarker, 8, "0x09 begins no record"),
    ("a lone subsection", HEADER + b"\x05\x01x", BadMarker, 8, "0x05 begins no record"),
    ("a lone footer", HEADER + b"\x7e\0\0\0\0", BadMarker, 8, "0x7e begins no record"),
    ("a second configuration", HEADER + configuration(b"pc") * 2, BadMarker, 15, "0x07 begins no record"),
    ("configured beyond the end", HEADER + b"\x07\xff\xff\xff\xffpc", Truncated, 13, "expected 4294967295 bytes"),
    ("an unknown subsection", HEADER + configuration(b"pc", b"\x05\x0fconfiguration/x\0\0\0\x01"), VMStateError, 15,
     "configuration has no subsection"),
    ("a package cut short", HEADER + command(7, b"\0\0\0\x03") + b"\x08", Truncated, 13, "a package of 3 bytes"),
    ("a package in a package", HEADER + command(7, b"\0\0\0\x20") + command(7, b"\0\0\0\x01") + bytes(32), Mismatch,
     18, "none inside it"),
    ("a record across a package's end", HEADER + command(7, b"\0\0\0\x03") + command(4, b"") + EOF, Mismatch, 22,
     "beyond the end of its package"),
    ("an unknown command", HEADER + command(12, b""), BadMarker, 9, "command 0xc is unknown"),
    ("a payload cut short", HEADER + command(2, b"1234")[:-1], Truncated, 13, "expected 4 bytes, got 3"),
    ("a part never started", HEADER + part(2, 9, EOS), Mismatch, 9, "section id 9 was never started"),
    ("an end of a FULL", HEADER + full(9, "one", b"") + part(3, 9, EOS), Undetermined, 25, "nothing tells where"),
    ("an end of a FULL that has no footer", HEADER + full(9, "one", b"") + part(3, 9, EOS, footer=False), Mismatch, 31,
     "id 9 was never started"),
    ("an id twice", HEADER + named(1, 2, "ram", RAM_START) + full(2, "two", b"") + EOF, Mismatch, -1,
     "section id 2 is in use for ram"),
    ("a missing footer", HEADER + full(9, "one", b"12") + named(1, 10, "ram", RAM_START, footer=False) + EOF, BadMarker,
     -1, "the section's footer is missing"),
    ("the end instead of a footer", HEADER + full(9, "one", b"12") + named(1, 10, "ram", RAM_START, footer=False),
     Truncated, -1, "expected 5 bytes, got 0"),
    ("another page size", HEADER + configuration(b"pc") + named(1, 2, "ram", (0x1400 | 2).to_bytes(8, "big")),
     Mismatch, 32, "no item of RAM with pages of 4096 bytes (the page size may be another)"),
    ("a trailer cut short", HEADER + EOF + b"\x06\0\0\0\x09{}", Truncated, 10,
     "expected 9 bytes of description, got 2"),
]


@pytest.mark.parametrize(
    ("data", "kind", "offset", "text"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_what_is_refused(data: bytes, kind: type[VMStateError], offset: int, text: str) -> None:
    """The same when fed byte by byte."""
    for events in (lambda: whole(data), lambda: fed(cut(data, repeat(1)))):
        with pytest.raises(kind, match=re.escape(text)) as caught:
            events()
        assert caught.value.offset is not None
        assert 0 <= caught.value.offset <= len(data)
        if offset >= 0:
            assert caught.value.offset == offset


def test_an_error_names_its_section() -> None:
    data = HEADER + named(1, 2, "ram", (0x1000 | Flag.ZERO).to_bytes(8, "big") + b"\x02pc\0")
    with pytest.raises(VMStateError, match=r"^ram @ 0x19: a page of block 'pc', which the stream has not listed"):
        whole(data)


@pytest.mark.parametrize("number", [*range(7), *range(8, 12)])
def test_commands(number: int) -> None:
    """Their payload is theirs."""
    data = HEADER + command(number, bytes(range(number))) + EOF
    assert Command(number, bytes(range(number)), 8, 13 + number) in whole(data)


def test_guest_addresses_are_told_with_ignore_shared() -> None:
    shared = configuration(b"pc", CAPABILITY + b"\x0fx-ignore-shared")
    listed = (0x1000 | Flag.MEM_SIZE).to_bytes(8, "big") + b"\x02pc" + (0x1000).to_bytes(8, "big") + b"\0" * 7 + b"\x2a"
    data = HEADER + shared + named(1, 2, "ram", listed + EOS, version=4) + part(3, 2, EOS) + EOF
    reader = StreamReader()
    (blocks,) = [event.part for event in reader.over(data) if isinstance(event, Ram)
                 and isinstance(event.part, BlockList)]
    assert [one.address for one in blocks.blocks] == [0x2A]
    assert reader.with_addresses


def test_the_configuration_knows_the_page_size_best() -> None:
    bits = configuration(b"virt", b"\x05\x1econfiguration/target-page-bits\0\0\0\x01\0\0\0\x0e")
    zero = (0x4000 | Flag.MEM_SIZE).to_bytes(8, "big") + b"\x02pc" + (0x4000).to_bytes(8, "big") + EOS
    data = HEADER + bits + named(1, 2, "ram", zero, version=4) + part(3, 2, EOS) + EOF
    reader = StreamReader(page_size=4096)
    list(reader.over(data))
    assert reader.page_size == 16384


# -- where a stream begins

@pytest.mark.parametrize("hole", [1, 3, 4, 7, 8, 4096, 12345])
@pytest.mark.parametrize("name", ["none-72", "opt-no-config-72"])
def test_a_hole_before_it(name: str, hole: int) -> None:
    """Offsets are those of the input, whole and in pieces."""
    data = stream(name)
    moved = bytes(hole) + data
    expected = list(Stream(moved, registry()).reader.over(moved))
    assert [event for event in expected if isinstance(event, Hole)] == [Hole(0, hole)]
    assert [event.end - hole for event in expected[1:]] == [event.end for event in reader_of(data).over(data)]
    for size in (1, 13, 5000):
        assert plain(fed(cut(moved, repeat(size)), reader_of(moved)), 4096) == plain(expected, 4096)


@pytest.mark.parametrize("before", [b"anything but zeros", bytes(5), b"QEVM\0\0\0\x03", b""])
def test_an_offset(before: bytes) -> None:
    data = before + stream("none-72")
    expected = list(StreamReader(4096, offset=len(before)).over(data))
    assert expected[-1].end == len(data)
    assert [event for event in expected if isinstance(event, Hole)] == ([Hole(0, len(before))] if before else [])
    assert fed(cut(data, repeat(1)), StreamReader(4096, offset=len(before))) == expected


@pytest.mark.parametrize(("data", "offset", "kind"), [
    (bytes(100), None, Mismatch), (bytes(100), 100, Mismatch), (bytes(100), 101, Truncated),
    (b"x" + stream("none-72"), None, Mismatch), (stream("none-72"), 1, Mismatch), (bytes(9), 5, Mismatch)])
def test_no_stream_there(data: bytes, offset: int | None, kind: type[VMStateError]) -> None:
    for events in (lambda: list(StreamReader(offset=offset).over(data)),
                   lambda: fed(cut(data, repeat(1)), StreamReader(offset=offset))):
        with pytest.raises(kind) as caught:
            events()
        assert caught.value.offset is not None
        assert 0 <= caught.value.offset <= len(data)


def test_a_large_hole_is_told_in_pieces() -> None:
    data = bytes((1 << 21) + 5) + stream("none-72")
    found = list(Stream(data, registry()).reader.over(data))
    assert [(event.begin, event.end) for event in found if isinstance(event, Hole)] == [
        (0, 1 << 20), (1 << 20, 1 << 21), (1 << 21, (1 << 21) + 5)]


# -- other beginnings

PAGE = bytes(range(256)) * 16
NAMED = (0x2000 | Flag.PAGE).to_bytes(8, "big") + b"\x06pc.ram" + PAGE
ZERO = (0x3000 | Flag.ZERO | Flag.CONTINUE).to_bytes(8, "big") + b"\0"
ASKED = command(10, b"\x06pc.ram") + command(10, b"\x03rom") + command(9, b"")


def beginning(data: bytes, how: Beginning) -> list[Event]:
    """The events; the same in pieces, and with something behind."""
    found = list(StreamReader(beginning=how).over(data))
    for size in (1, 11):
        reader = StreamReader(beginning=how)
        assert plain(fed(cut(data, repeat(size)), reader), 4096) == plain(found, 4096)
    return found


@pytest.mark.parametrize("footer", [True, False])
def test_a_recovery(footer: bool) -> None:
    data = ASKED + part(2, 5, NAMED + ZERO + EOS, footer=footer) + part(3, 5, EOS, footer=footer) + EOF
    found = beginning(data, "recovery")
    assert [event.section.name for event in found if isinstance(event, SectionEnd)] == ["ram", "ram"]
    assert [event.part.flag for event in found if isinstance(event, Ram) and isinstance(event.part, Item)] == [
        Flag.PAGE, Flag.ZERO, Flag.EOS, Flag.EOS]
    assert isinstance(found[-1], EndOfStream)
    assert beginning(data + b"behind", "recovery")[-1] == Rest(len(data), len(data) + 6)


@pytest.mark.parametrize(("data", "text"), [
    (ASKED + part(2, 5, NAMED.replace(b"pc.ram", b"pc.rom") + EOS), "a page of block 'pc.rom', which the stream has"),
    (ASKED + part(2, 5, EOS) + part(2, 6, EOS), "section id 6 was never started"),
    (ASKED + part(2, 5, ZERO + EOS), "a page of block ''"),
])
def test_a_recovery_that_makes_no_sense(data: bytes, text: str) -> None:
    with pytest.raises(VMStateError, match=text):
        list(StreamReader(beginning="recovery").over(data))


@pytest.mark.parametrize("data", [b"", EOS, NAMED, NAMED + ZERO, NAMED + ZERO + EOS])
def test_a_preempt_channel(data: bytes) -> None:
    """It ends with EOS or without."""
    found = beginning(data, "channel")
    assert all(isinstance(event, Ram) and event.section.name == "ram" for event in found)
    assert [event.end for event in found][-1:] == ([len(data)] if data else [])
    if data.endswith(EOS):
        assert beginning(data + b"behind", "channel")[-1] == Rest(len(data), len(data) + 6)


@pytest.mark.parametrize("data", [NAMED[:-1], NAMED + ZERO[:-1], NAMED + ZERO[:3], ZERO, NAMED.replace(b"pc", b"\0c")])
def test_a_damaged_preempt_channel(data: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        list(StreamReader(beginning="channel").over(data))
    assert caught.value.offset is not None
    assert 0 <= caught.value.offset <= len(data)


def test_colo() -> None:
    """Its first state is a stream like others; what it says afterwards is not read."""
    ram = named(1, 2, "ram", RAM_START, version=4) + part(3, 2, EOS)
    data = HEADER + command(8, b"") + ram + full(7, "one", b"body") + EOF
    assert isinstance(whole(data)[-1], EndOfStream)
    for events in (lambda: whole(data + bytes(4)), lambda: fed(cut(data + bytes(4), repeat(1)))):
        with pytest.raises(Unsupported, match="a COLO stream goes on here") as caught:
            events()
        assert caught.value.offset == len(data)


# -- pages of the host

def test_host_pages_are_told_with_postcopy() -> None:
    """Of blocks where they are not the usual ones, in any place of the list."""
    huge, usual = 0x20_0000, 0x1000
    blocks = [(b"a", 2 * huge, huge), (b"bb", usual, None), (b"c", huge, huge)]
    total = sum(length for _, length, _ in blocks)
    listed = (total | Flag.MEM_SIZE).to_bytes(8, "big") + b"".join(
        bytes((len(name),)) + name + length.to_bytes(8, "big") + (size.to_bytes(8, "big") if size else b"")
        for name, length, size in blocks)
    advised = command(3, (huge | usual).to_bytes(8, "big") + usual.to_bytes(8, "big"))
    data = HEADER + advised + named(1, 2, "ram", listed + EOS, version=4) + part(3, 2, EOS) + EOF
    for events in (whole(data), fed(cut(data, repeat(1)))):
        (found,) = [event.part for event in events if isinstance(event, Ram) and isinstance(event.part, BlockList)]
        assert [(one.name.encode(), one.used_length, one.page_size) for one in found.blocks] == blocks
    with pytest.raises(Mismatch):
        whole(HEADER + data[8 + len(advised):])


def test_only_footers_or_records_follow_the_first_body() -> None:
    """Which of the two decides for all; neither is an error."""
    data = HEADER + named(1, 2, "ram", RAM_START, version=4)
    with pytest.raises(BadMarker, match="the section's footer is missing"):
        whole(data[:-5] + b"\x7e\0\0\0\x03" + part(3, 2, EOS) + EOF)
