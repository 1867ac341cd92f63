"""`vmstate explain`: a destination's words, with and without the stream. What rules mean: test_rules.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Command, recorded, started
from tests.migration.recorded import CORPUS, stream
from vmstate.compat.catalogue import RULES

Made = Callable[..., Path]
PC, NIC = recorded("pc72-72-default"), "0000:00:03.0/e1000"
MISSING = f"Unknown savevm section or instance '{NIC}' 0. Make sure"
LOG = f"""\
qemu-system-x86_64: get_pci_config_device: Bad config data: i=0x2 read: e device: 5 cmask: ff wmask: 0 w1cmask:0
qemu-system-x86_64: Failed to load PCIDevice:config
qemu-system-x86_64: Failed to load e1000:parent_obj
qemu-system-x86_64: error while loading state for instance 0x0 of device '{NIC}'
qemu-system-x86_64: load of migration failed: Invalid argument
"""
KEYS = ["cause", "look", "text", "row", "times", "names", "rules", "section", "instance", "member", "stream", "block",
        "near", "findings"]


def explained(vmstate: Command, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    """The document."""
    result = vmstate("explain", *arguments, "--format", "json")
    assert (result.code, result.err) == (code, "")
    document: dict[str, Any] = json.loads(result.out)
    assert list(document) == ["known", "explanations", "verdict", "unfilled"]
    assert all(list(one) == KEYS for one in document["explanations"])
    assert document["known"] == (code == 0)
    return document


def test_the_cause_comes_first(vmstate: Command) -> None:
    result = vmstate("explain", LOG)
    assert (result.code, result.err) == (0, "")
    first, *rest = result.out.splitlines()
    assert first.startswith("byte 0x2 of PCI configuration space is 0xe in the stream and 0x5 at the destination")
    labels = [one for line in rest if (one := line[2:14].strip()) in ("look at", "that is", "VM605", "said")]
    assert labels == ["look at", *["that is"] * labels.count("that is"), "VM605", "said"]
    assert f"  VM605       {RULES['VM605'].change}" in rest


def test_words_are_joined(vmstate: Command) -> None:
    assert vmstate("explain", *MISSING.split(" ")) == vmstate("explain", MISSING)


def test_standard_input() -> None:
    told = started("explain", "-", data=LOG.encode())
    assert told.returncode == 0
    assert told.stdout == started("explain", LOG).stdout
    both = started("explain", "-", "--stream", "-", data=LOG.encode())
    assert (both.returncode, both.stdout) == (2, b"")
    hostile = started("explain", "-", data=b"\xff\x00\x1b[31m '" + bytes(range(256)) * 40, LC_ALL="C.UTF-8")
    assert hostile.returncode == 1
    assert b"\x1b" not in hostile.stdout


def test_json(vmstate: Command) -> None:
    (one,) = explained(vmstate, LOG)["explanations"]
    assert (one["row"], one["section"], one["instance"]) == ("23", NIC, 0)
    assert one["rules"] == [{"id": "VM605", "change": RULES["VM605"].change}]
    assert (one["stream"], one["near"], one["findings"]) == ([], [], [])
    rule = json.loads(vmstate("explain", "VM301", "--format", "json").out)
    assert (rule["id"], rule["change"]) == ("VM301", RULES["VM301"].change)


def test_with_the_stream(vmstate: Command) -> None:
    """What it has at the byte that QEMU names."""
    (one,) = explained(vmstate, LOG, "--stream", PC)["explanations"]
    (place,) = one["stream"]
    assert (place["name"], place["instance_id"], place["version"]) == (NIC, 0, 2)
    (member,) = place["members"]
    assert (member["size"], member["value"]) == (1, "0e")
    assert stream("pc72-72-default")[member["offset"]] == 0x0E
    text = vmstate("explain", LOG, "--stream", PC).out
    assert f"{NIC}, version 2, at {place['offset']:#x}, {place['size']:,} bytes, declared" in text
    assert f"{member['path']}  0e  at {member['offset']:#x}" in text


def test_with_the_destination(vmstate: Command, made: Made) -> None:
    """Its sections, where a stream tells them; its types of devices, where a dump does."""
    there = made(stream("pc72-72-default").replace(b":03.0/e1000", b":04.0/e1000"))
    document = explained(vmstate, MISSING, "--stream", PC, "--against", there)
    (one,) = document["explanations"]
    assert "0000:00:04.0/e1000" in one["look"]
    assert (document["verdict"], document["unfilled"]) == ("breaks", ["0000:00:04.0/e1000"])
    assert [(found["rule"], found["path"], found["offset"]) for found in one["findings"]] == [("VM105", NIC, None)]
    dump = CORPUS / "dumps" / "5.2-x86_64-microvm.json.zst"
    assert explained(vmstate, MISSING, "--stream", PC, "--against", dump)["explanations"][0]["near"] == ["e1000"]
    footer = "Missing section footer for 0000:00:01.3/piix4_pm"
    text = " ".join(vmstate("explain", footer, "--stream", PC, "--against", dump).out.split())
    (found,) = [one for one in explained(vmstate, footer, "--stream", PC, "--against", dump)["explanations"][0][
        "findings"] if one["severity"] == "error"]
    assert f"they part at {found['offset']:#x}: VM303 0000:00:01.3/piix4_pm::acpi_pci_hotplug.acpi_index" in text


def test_nothing_is_known(vmstate: Command) -> None:
    """That is said, and what else there may be."""
    result = vmstate("explain", "hello", "world")
    assert (result.code, result.err) == (1, "")
    assert result.out.startswith("no message of this text is known here; if it was all: QEMU reported nothing.")
    (one,) = explained(vmstate, "qemu: frobnication failed", code=1)["explanations"]
    assert (one["row"], one["text"]) == ("", "qemu: frobnication failed")
    assert vmstate("explain", "").code == 1


def test_what_stays_unfilled_where_nothing_was_said(vmstate: Command) -> None:
    there = recorded("virtio-a-modern-72")
    document = explained(vmstate, "it hangs", "--stream", recorded("smp2-72"), "--against", there, code=1)
    assert "0000:00:02.0/virtio-blk" in document["unfilled"]
    text = vmstate("explain", "it hangs", "--stream", recorded("smp2-72"), "--against", there).out
    assert "not filled  slirp, 0000:00:01.0/virtio-net" in text


@pytest.mark.parametrize(("arguments", "text"), [
    ((LOG, "--stream", "absent.qemu"), "absent.qemu: No such file or directory"),
    ((LOG, "--against", PC), "--against is for a stream: --stream names it"),
    ((LOG, "--stream", PC, "--against", "absent.json"), "absent.json: neither a file nor a module"),
    (("VM999",), "VM999 is no rule"),
])
def test_what_cannot_serve(arguments: tuple[str | Path, ...], text: str, vmstate: Command) -> None:
    result = vmstate("explain", *arguments)
    assert (result.code, result.out) == (2, "")
    assert text in result.err


def test_a_damaged_stream(vmstate: Command, made: Made) -> None:
    """As far as it goes."""
    data = stream("pc72-72-default")
    path = made(data[:data.index(b"\x12" + NIC.encode()) + 60])
    assert vmstate("explain", MISSING, "--stream", path).code == 0
    assert vmstate("explain", MISSING, "--stream", made(b"nonsense")).code == 0
