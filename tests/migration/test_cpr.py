"""The state that a QEMU hands to its successor, behind the magic and version of its file."""

from typing import Any

import pytest

from migration.cpr import CprFd, CprState
from tests.vmstate.exercise import chance, refusal
from visitors import qemufile, tree
from vmstate import convert, decode, encode, save


def _fd(name: str, number: int = 0) -> str:
    return f"01 {len(name) + 1:08x} {name.encode().hex()}00 {number:08x} 20"


# What QEMU 10.0 sent of a pc machine whose memory is shared; 6 descriptors went beside it.
SENT = " ".join(map(_fd, (
    "/rom@etc/acpi/rsdp", "/rom@etc/table-loader", "/rom@etc/acpi/tables", "pc.rom", "pc.bios", "m"))) + " 00"
SUBSECTION = f"05 15 {b'CprState/vfio devices'.hex()} 00000001"
DEVICES = f"01 00000004 {b'vf0'.hex()}00 00000007 00000001 00000002 00"

STATES = [
    pytest.param(SENT, {}, id="10.0"),
    pytest.param(SENT + SUBSECTION + DEVICES, {"devices_listed": True}, id="10.1"),
    pytest.param(SENT + SUBSECTION + "00", {"devices_listed": True}, id="10.1, without devices"),
    pytest.param(SENT + SUBSECTION, {"devices_listed": False}, id="10.1, built without IOMMUFD"),
    pytest.param("00", {}, id="nothing"),
]


@pytest.mark.parametrize(("text", "settings"), STATES)
def test_it_is_rewritten(text: str, settings: dict[str, Any]) -> None:
    data = bytes.fromhex(text)
    decoded = decode(CprState, data, qemufile)
    assert decoded.settings == settings
    assert encode(decoded, qemufile) == data
    document = encode(decoded, tree)
    assert encode(decode(CprState, document, tree), qemufile) == data
    assert convert(data, CprState, qemufile, tree) == document


@pytest.mark.parametrize(("text", "settings"), STATES)
def test_mutated_bytes(text: str, settings: dict[str, Any]) -> None:
    data, pick = bytes.fromhex(text), chance(text)
    for n in range(len(data)):
        refusal(CprState, data[:n])
    for _ in range(200):
        mutated = bytearray(data)
        mutated[pick.randrange(len(mutated))] = pick.choice([0, 1, 5, 0x20, 0xFF, pick.randrange(256)])
        refusal(CprState, bytes(mutated))


def test_what_it_says() -> None:
    state = decode(CprState, bytes.fromhex(SENT + SUBSECTION + DEVICES), qemufile).state
    assert [bytes(one.name) for one in state.fds][3:] == [b"pc.rom\0", b"pc.bios\0", b"m\0"]
    assert [(one.id, one.fd) for one in state.fds] == [(0, None)] * 6
    assert [(one.devid, one.ioas_id, one.hwpt_id) for one in state.vfio_devices] == [(7, 1, 2)]


def test_it_is_saved_as_the_release_does() -> None:
    fds = [CprFd(namelen=2, name=bytearray(b"m\0"))]
    assert save(CprState(fds=fds), qemufile) == bytes.fromhex(_fd("m") + "00")
    assert save(CprState(fds=fds, with_vfio=True), qemufile) == bytes.fromhex(_fd("m") + "00" + SUBSECTION + "00")
