"""Where a body ends that nobody measures: the first footer that a plausible record follows."""

import mmap
from pathlib import Path

import pytest

from devices.catalogue import registry
from migration.replica import Stream
from migration.stream.bounds import MOST_VERSION, find_footer, footer_of, is_record
from migration.stream.events import Body, Kind, SectionBegin
from tests.migration.made import command, full, named, part
from tests.migration.recorded import NAMES, stream
from vmstate.errors import NeedMore

IDS = {number: SectionBegin(kind, number, name, 0, 1, 0, 0) for number, kind, name in (
    (0, Kind.SECTION_FULL, "timer"), (2, Kind.SECTION_START, "ram"), (7, Kind.SECTION_FULL, "one"))}
EOF, TRAILER = b"\x00", b"\x00\x06\x00\x00\x00\x02{}"
LONG = "x" * 255


def test_a_footer() -> None:
    assert footer_of(0x01020304) == b"\x7e\x01\x02\x03\x04"


RECORDS: list[tuple[str, bytes, bool]] = [
    ("nothing", b"", False),
    ("the end", EOF, True),
    ("the end and a description", TRAILER, True),
    ("a zero in data", b"\x00\x01\x02\x03\x04\x05\x06", False),
    ("a START", named(1, 3, "block", b""), True),
    ("a FULL", full(3, "hpet", b""), True),
    ("a FULL in a version that is a date", full(3, "eeprom", b"", version=20061113), True),
    ("a FULL in too high a version", full(3, "eeprom", b"", version=MOST_VERSION), False),
    ("a FULL whose id is in use", full(2, "hpet", b""), False),
    ("a FULL without a name", full(3, "", b""), False),
    ("a FULL with a long name", full(3, LONG, b""), True),
    ("a FULL with no printable name", full(3, "a\x07b", b""), False),
    ("a FULL cut short", full(3, "hpet", b"")[:12], False),
    ("a PART of one that is known", part(2, 2, b""), True),
    ("a PART of one that is not", part(2, 3, b""), False),
    ("a PART of one that was sent whole", part(2, 7, b""), False),
    ("an END of one that is known", part(3, 2, b""), True),
    ("an END of one that is not", part(3, 0x02000000, b""), False),
    ("a command", command(1, b""), True),
    ("no command", command(0x7E00, b""), False),
    ("a subsection", b"\x05\x04name\0\0\0\x01", False),
    ("a configuration", b"\x07\0\0\0\x02pc", False),
    ("a footer", b"\x7e\0\0\0\x02", False),
    ("any other byte", b"\xff" * 12, False),
]


@pytest.mark.parametrize(("data", "plausible"), [one[1:] for one in RECORDS], ids=[one[0] for one in RECORDS])
@pytest.mark.parametrize("ahead", [b"", b"body"])
def test_what_may_begin_a_record(data: bytes, plausible: bool, ahead: bytes) -> None:
    assert is_record(ahead + data, len(ahead), IDS, True) is plausible


@pytest.mark.parametrize(("data", "plausible"), [one[1:] for one in RECORDS], ids=[one[0] for one in RECORDS])
def test_what_may_still_become_one(data: bytes, plausible: bool) -> None:
    """With more to come, an answer is the same; until there is one, more is asked for."""
    try:
        answer = is_record(data, 0, IDS, False)
    except NeedMore:
        return
    assert answer is plausible


@pytest.mark.parametrize("data", [full(3, "hpet", b""), named(1, 3, LONG, b""), TRAILER])
def test_more_is_asked_for_no_longer_than_needed(data: bytes) -> None:
    """A header is 14 bytes and a name; the end is told by seven bytes, up to the description's first."""
    needed = 14 + data[5] if data[0] else 7
    for size in range(needed - 1):
        with pytest.raises(NeedMore):
            is_record(data[:size], 0, IDS, False)
    assert is_record(data[:needed], 0, IDS, False)


FALSE = b"\x7e\x00\x00\x00\x00"
FOUND: list[tuple[str, bytes, int | None]] = [
    ("at once", FALSE + EOF, 0),
    ("behind a body", b"body" + FALSE + EOF, 4),
    ("behind a false one", FALSE + b"\x01\x02\x03\x04\x05\x06\x07" + FALSE + EOF, 12),
    ("behind two that overlap", b"\x7e\x7e\x00\x00\x00\x00\x7e\x00\x00\x00\x00\x00" + FALSE + EOF, 12),
    ("behind one with a false end", FALSE + b"\x00\x00\x00\x00\x00" + FALSE + TRAILER, 10),
    ("behind one with a section of a used id", FALSE + full(7, "one", b"") + FALSE + full(3, "two", b""), 27),
    ("of another section only", footer_of(7) + EOF, None),
    ("nowhere", b"no footer here", None),
]


@pytest.mark.parametrize(("data", "at"), [one[1:] for one in FOUND], ids=[one[0] for one in FOUND])
def test_the_footer_is_found(data: bytes, at: int | None) -> None:
    assert find_footer(data, 0, 0, IDS, True) == at


@pytest.mark.parametrize(("data", "at"), [one[1:] for one in FOUND], ids=[one[0] for one in FOUND])
def test_it_is_the_same_one_however_much_is_there(data: bytes, at: int | None) -> None:
    for size in range(len(data)):
        try:
            found = find_footer(data[:size], 0, 0, IDS, False)
        except NeedMore:
            continue
        assert found == at


def test_it_is_looked_for_from_a_place_on() -> None:
    data = FALSE + EOF + FALSE + EOF
    assert find_footer(data, 1, 0, IDS, True) == 6


def test_a_map_is_searched_as_bytes_are(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    path.write_bytes(b"body" + FALSE + EOF)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        assert find_footer(data, 0, 0, IDS, True) == 4
        assert is_record(data, 9, IDS, True)


@pytest.mark.parametrize("name", [one for one in NAMES if one != "opt-no-footer-100"])
def test_every_body_of_the_recorded_streams(name: str) -> None:
    """The search alone, without a description."""
    data, ids = stream(name), set[int]()
    for event in Stream(data, registry()).reader.over(data):
        if isinstance(event, SectionBegin):
            ids.add(event.section_id)
        elif isinstance(event, Body):
            assert find_footer(data, event.begin, event.section.section_id, ids, True) == event.end
