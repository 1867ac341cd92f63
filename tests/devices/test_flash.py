"""Flash, the host bridge and the ACPI tables of `virt` machines: bodies out of streams of QEMU 5.2 to 11.1.

A guest had begun to write a block, and a second chip was asked for its status.
"""

import zlib
from base64 import b85decode
from typing import Any

import pytest

from devices.acpi.build import VirtAcpiBuild
from devices.block.pflash import BLOCKS, NO_BLOCK, Pflash
from devices.catalogue import registry
from devices.pci.gpex import GpexRoot
from migration.replica import Stream
from migration.sections import Section
from migration.stream.events import Trailer
from tests.interop.rewriting import rewritten
from tests.migration.recorded import stream
from tests.vmstate.exercise import refusal
from visitors import qemufile
from vmstate import decode, encode, load, save

STATUS = bytes.fromhex("00708000000000000000 00")
FIRST_BLOCK = bytes.fromhex("02e8800000000000000001")
BLOCK = zlib.decompress(b85decode(
    "c-mun(ZB!!jI3e>X*r3-8S%+!nFfaONjcf^<wcn#sUSHQV<o|k^0ZKfQ7{Td!6+C7qhJ(_f>AIEM!_f;1*2dT3~K-Y(02@e"))
"""Two of four words are written; QEMU 5.2 has written them through, and sends `FIRST_BLOCK`."""
BRIDGE = zlib.decompress(b85decode("c-muNU|=$n=3syVHU<LVixh((!!QQ`XBPp1"))
NAMES = {"pflash_cfi01", "gpex_root", "virt_acpi_build"}


def sections(data: bytes) -> list[Section]:
    """Those of this module's devices."""
    found = [one for one in Stream(data, registry()).events() if isinstance(one, Section)]
    return [one for one in found if one.header.name.split("/")[-1] in NAMES]


@pytest.mark.parametrize(("kind", "data"), [
    (Pflash, STATUS), (Pflash, FIRST_BLOCK), (Pflash, BLOCK), (GpexRoot, BRIDGE), (VirtAcpiBuild, b"\0"),
])
def test_a_body_is_read_and_written_again(kind: type[Any], data: bytes) -> None:
    found = decode(kind, data, qemufile)
    assert encode(found, qemufile) == data
    assert save(load(kind(**{key: value for key, value in found.settings.items() if "." not in key}), data, qemufile),
                qemufile) == data
    assert refusal(kind, data[:-1]) is not None
    assert refusal(kind, data + b"\1") is not None


def test_a_block_is_kept_until_it_is_confirmed() -> None:
    flash = decode(Pflash, BLOCK, qemufile).state
    assert (flash.cmd, flash.wcycle, flash.counter) == (0xE8, 2, 1)
    assert flash.writeblock_size == len(flash.blk_bytes) == 4096
    assert flash.blk_bytes[:8] == bytes.fromhex("4433221188776655")
    assert flash.blk_offset == 0
    flash.blk_offset = NO_BLOCK
    assert save(load(Pflash(), save(flash, qemufile), qemufile), qemufile) == FIRST_BLOCK


@pytest.mark.parametrize("size", BLOCKS)
def test_the_length_tells_how_long_a_block_is(size: int) -> None:
    data = save(Pflash(writeblock_size=size, blk_bytes=bytearray(size), blk_offset=size), qemufile)
    assert decode(Pflash, data, qemufile).settings == {"writeblock_size": size}


def test_a_block_of_another_size_is_refused() -> None:
    error = refusal(Pflash, BLOCK[:-5] + BLOCK[-4:])
    assert error is not None


@pytest.mark.parametrize(("name", "number"), [
    ("a64-virt72-gic3-72", 4), ("a64-virt100-virtio-100", 4), ("rv64-virt-72", 3),
])
@pytest.mark.parametrize("without", [(), (Trailer,)])
def test_they_are_declared(name: str, number: int, without: tuple[type[Any], ...]) -> None:
    found = sections(rewritten(stream(name), without=without))
    assert [(one.source, one.findings) for one in found] == [("declared", [])] * number
