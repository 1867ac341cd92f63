"""The damages of the recorded loads, done again: each takes a PC's stream, and gives what QEMU was given."""

from collections.abc import Callable

from devices.catalogue import registry
from migration.replica import Stream
from migration.sections import Section
from migration.stream.events import Event, Ram

RTC, POLL = "mc146818rtc", b"cpu/poll_control_msr"


def rtc(data: bytes) -> Section:
    """The section of the clock."""
    return next(one for one in Stream(data, registry()).events() if isinstance(one, Section) and one.header.name == RTC)


def put(data: bytes, at: int, new: bytes) -> bytes:
    """The same length, with other bytes there."""
    return data[:at] + new + data[at + len(new):]


def first_page(data: bytes) -> Event:
    """RAM's first."""
    return next(one for one in Stream(data, registry()).reader.over(data) if isinstance(one, Ram) and one.end > 4096)


def in_header(data: bytes, back: int, new: bytes) -> bytes:
    """So many bytes before the clock's body."""
    return put(data, rtc(data).begin - back, new)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "damage: bad magic": lambda data: put(data, 3, b"X"),
    "damage: bad file version": lambda data: put(data, 4, (5).to_bytes(4, "big")),
    "damage: cut in RAM": lambda data: data[:first_page(data).end - 100],
    "damage: cut in devices": lambda data: data[:rtc(data).begin + 20],
    "damage: footer id changed": lambda data: put(data, rtc(data).end + 4, b"\x53"),
    "damage: section name changed": lambda data: in_header(data, 9, b"x"),
    "damage: section version raised": lambda data: in_header(data, 4, (10).to_bytes(4, "big")),
    "damage: subsection name changed": lambda data: data.replace(POLL, b"cpu/poll_control_xyz", 1),
    "damage: trailing garbage": lambda data: data + b"\xa5" * 100,
    "damage: empty": lambda _: b"",
}
"""By the kind that the loads bear."""
