"""`vmstate show --format json` and ndjson: shape, values, places."""

import json
from typing import Any

import pytest

from tests.cli.command import Command, recorded
from tests.migration.recorded import NAMES, STREAMS, stream

FIELDS = ["id", "name", "instance_id", "version", "offset", "size", "source", "settings", "state", "findings", "notes",
          "why"]


def _shown(vmstate: Command, name: str, *more: str) -> dict[str, Any]:
    result = vmstate("show", "--format", "json", recorded(name), *more)
    assert result.code == 0
    shown: dict[str, Any] = json.loads(result.out)
    return shown


@pytest.mark.parametrize("name", NAMES)
def test_the_shape(name: str, vmstate: Command) -> None:
    shown = _shown(vmstate, name)
    assert list(shown) == ["machine", "page_size", "configuration", "sections", "error"]
    assert shown["error"] is None
    assert all([one for one in section if one != "meaning"] == FIELDS for section in shown["sections"])
    devices = [section for section in shown["sections"] if section["name"] != "ram"]
    assert len(devices) == STREAMS[name]["sections"]
    assert {section["source"] for section in devices} <= {"declared", "embedded"}
    if STREAMS[name]["page_size"] is not None:
        assert shown["page_size"] == STREAMS[name]["page_size"]


def test_the_machine(vmstate: Command) -> None:
    shown = _shown(vmstate, "opt-uuid-72")
    assert shown["machine"] == "pc-i440fx-7.2"
    assert shown["page_size"] == 4096
    configuration = shown["configuration"]
    assert configuration["name"] == shown["machine"]
    assert configuration["capabilities"] == []
    assert len(configuration["uuid"]) == 36
    assert _shown(vmstate, "opt-no-config-72")["configuration"] is None
    assert _shown(vmstate, "opt-no-config-72")["machine"] is None


def test_a_sections_place_is_its_body(vmstate: Command) -> None:
    data = stream("pc72-72-nodefaults")
    for section in _shown(vmstate, "pc72-72-nodefaults")["sections"]:
        end = section["offset"] + section["size"]
        assert data[end] == 0x7E
        assert int.from_bytes(data[end + 1:end + 5], "big") == section["id"]
        numbers = section["instance_id"].to_bytes(4, "big") + section["version"].to_bytes(4, "big")
        head = section["name"].encode() + numbers
        assert data[section["offset"] - len(head):section["offset"]] == head


def test_values(vmstate: Command) -> None:
    sections = {one["name"]: one for one in _shown(vmstate, "pc72-72-nodefaults")["sections"]}
    assert sections["PCIHost"]["state"] == {"config_reg": 0x8000005C}
    assert sections["globalstate"]["state"]["runstate"] == b"paused".ljust(100, b"\0").hex()
    assert sections["globalstate"]["settings"] == {"name_size": 100}
    assert sections["fw_cfg"]["state"]["fw_cfg/acpi_mr"] == {
        "@version": 1, "table_mr_size": 131072, "linker_mr_size": 4096, "rsdp_mr_size": 20}
    assert sections["hpet"]["state"]["timers"][0]["qemu_timer"] is None
    assert sections["cpu"]["state"]["regs"][4] == 0x6F94
    assert sections["vmmouse"]["state"]["queue"] == [0] * 1024


def test_ram(vmstate: Command) -> None:
    sections = _shown(vmstate, "pc72-72-nodefaults")["sections"]
    ram = sections[0]
    assert (ram["name"], ram["version"], ram["source"]) == ("ram", 4, "declared")
    assert ram["state"]["blocks"][0] == {
        "name": "pc.ram", "length": 16 << 20, "address": None, "page_size": None,
        "pages": {"page": 61, "zero": 4035}}
    assert sum(ram["state"]["pages"].values()) * 4096 == sum(one["length"] for one in ram["state"]["blocks"])


def test_embedded_only(vmstate: Command) -> None:
    sections = _shown(vmstate, "pc72-72-nodefaults", "--source", "embedded")["sections"]
    assert {one["source"] for one in sections if one["name"] != "ram"} == {"embedded"}
    ps2 = next(one for one in sections if one["name"] == "ps2kbd")
    assert ps2["state"]["scan_enabled"] == 1


def test_declared_only(vmstate: Command) -> None:
    sections = _shown(vmstate, "microblaze-72", "--source", "declared")["sections"]
    opaque = [one for one in sections if one["source"] == "opaque"]
    data = stream("microblaze-72")
    assert opaque
    for one in opaque:
        assert one["state"] == ({"bytes": data[one["offset"]:][:one["size"]].hex()} if one["size"] else {})


def test_devices(vmstate: Command) -> None:
    shown = _shown(vmstate, "smp2-72", "cpu")
    assert [(one["name"], one["instance_id"]) for one in shown["sections"]] == [("cpu", 0), ("cpu", 1)]
    assert shown["machine"] == "pc-q35-7.2"


def test_lines(vmstate: Command) -> None:
    head, *lines = map(json.loads, vmstate("show", "--format", "ndjson", recorded("smp2-72")).out.splitlines())
    shown = _shown(vmstate, "smp2-72")
    assert lines == shown["sections"]
    assert head == {key: shown[key] for key in ("machine", "page_size", "configuration")}
