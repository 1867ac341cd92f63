"""`schema` and `validate`, and the schemas that are kept."""

import io
import json as library_json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.catalogue import SECTIONS, registry
from devices.timer.mc146818rtc import Rtc
from tests.cli.command import Command, recorded
from visitors import asn1, cddl, json, schema
from vmstate import Decoded, encode, save

KEPT = Path(__file__).parents[2] / "schema_out"
FOLDERS = {"json-schema": KEPT, "asn1": KEPT / "asn1", "cddl": KEPT / "cddl"}
Made = Callable[..., Path]


# -- schema

@pytest.mark.parametrize("form", FOLDERS)
def test_what_is_kept_is_current(form: str, vmstate: Command) -> None:
    result = vmstate("schema", "--format", form, "--out", FOLDERS[form], "--check")
    assert (result.code, result.out, result.err) == (0, "", ""), "`make schema` makes them again"


@pytest.mark.parametrize("form", FOLDERS)
def test_every_device_has_a_file(form: str) -> None:
    names = {path.name.split(".")[0] for path in FOLDERS[form].iterdir() if path.is_file()}
    assert names == {name.replace("/", "-") for name in SECTIONS}


@pytest.mark.parametrize(("form", "text"), [
    ("json-schema", schema.text), ("asn1", asn1.text), ("cddl", cddl.text)])
def test_one_device_on_standard_output(form: str, text: Callable[[Any], str], vmstate: Command) -> None:
    result = vmstate("schema", "mc146818rtc", "--format", form)
    assert (result.code, result.out, result.err) == (0, text(Rtc), "")


def test_a_device_of_two_classes(vmstate: Command) -> None:
    out = vmstate("schema", "vga").out
    assert [library_json.loads(part)["title"] for part in out.split("\n\n")] == ["vga", "vga"]


def test_all_devices(vmstate: Command, tmp_path: Path) -> None:
    assert vmstate("schema", "--out", tmp_path / "deep" / "er").code == 0
    files = sorted((tmp_path / "deep" / "er").iterdir())
    assert len(files) == sum(len(registry().named(name)) for name in SECTIONS)
    assert {"vga.PciVga.json", "vga.Vga.json", "spapr-htab.HtabPart.json", "hpet.json"} <= {one.name for one in files}
    assert vmstate("schema", "--out", tmp_path / "deep" / "er", "--check").code == 0


def test_stale_files_are_named(vmstate: Command, tmp_path: Path) -> None:
    vmstate("schema", "--out", tmp_path)
    (tmp_path / "hpet.json").write_text("{}")
    (tmp_path / "vga.Vga.json").unlink()
    (tmp_path / "other.json").write_text("{}")
    (tmp_path / "other.txt").write_text("no schema")
    result = vmstate("schema", "--out", tmp_path, "--check")
    assert (result.code, result.out) == (1, "")
    assert result.err.splitlines() == [
        f"vmstate: {tmp_path / 'hpet.json'}: it is not what the declaration says",
        f"vmstate: {tmp_path / 'vga.Vga.json'}: it is missing",
        f"vmstate: {tmp_path / 'other.json'}: no device has it"]
    assert (tmp_path / "hpet.json").read_text() == "{}"
    assert vmstate("schema", "serial", "--out", tmp_path, "--check").code == 0
    assert vmstate("schema", "hpet", "--out", tmp_path, "--check").code == 1


@pytest.mark.parametrize(("arguments", "words"), [
    (("virtio-netz",), "no device virtio-netz; there is virtio-net, "),
    (("xyzzy",), "no device xyzzy; `vmstate schema --out DIR` writes one for each there is"),
    (("--check",), "--check looks at a folder: say which with --out"),
    (("--format", "xml"), "invalid choice: 'xml'"),
])
def test_schema_refuses(arguments: tuple[str, ...], words: str, vmstate: Command) -> None:
    result = vmstate("schema", *arguments)
    assert result.code == 2
    assert words in result.err


def test_a_folder_that_cannot_be(vmstate: Command, made: Made) -> None:
    assert vmstate("schema", "--out", made(b"a file")).code == 2


# -- validate

RTC = Rtc(cmos_data=bytearray(128), period=32)


def document(**changes: Any) -> bytes:
    """A state's JSON, some members changed."""
    found = json.loads(save(RTC, json))
    for name, value in changes.items():
        key = next((one for one in found if one.partition(":")[0] == name), f"{name}:u8")
        if value is None:
            del found[key]
        else:
            found[key] = value
    return json.dumps(found)


@pytest.fixture
def converted(vmstate: Command, tmp_path: Path) -> Path:
    """A recorded stream as a document."""
    path = tmp_path / "guest.json"
    assert vmstate("convert", recorded("pc72-72-nodefaults"), "--to", "json", "--output", path).code == 0
    return path


def items(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().split(b"\x1e")[1:]:
        yield library_json.loads(line)


def test_a_state_of_a_device_that_is_given(vmstate: Command, made: Made) -> None:
    path = made(save(RTC, json), "rtc.json")
    result = vmstate("validate", path, "--device", "mc146818rtc")
    assert (result.code, result.out, result.err) == (0, f"ok     {path}  1 state, 0 findings\n", "")


def test_a_whole_document_and_its_items(vmstate: Command, made: Made, converted: Path) -> None:
    result = vmstate("validate", converted)
    assert (result.code, result.out, result.err) == (0, f"ok     {converted}  30 states, 0 findings\n", "")
    (sealed,) = [one for one in items(converted) if one["item"].get("name") == "mc146818rtc"]
    for item in (sealed, sealed["item"]):
        assert vmstate("validate", made(json.dumps(item), "item.json")).code == 0
    sealed["item"]["state:{}"]["cmos_index:u8"] = 256
    path = made(json.dumps(sealed), "item.json")
    assert vmstate("validate", path).err == (
        f"vmstate: {path}: mc146818rtc::cmos_index: expected 0 to 255, got 256\n")


def test_every_device_of_a_name_is_tried(vmstate: Command, made: Made) -> None:
    for record in registry().named("vga"):
        data = encode(Decoded(record.make(), record.version, record), json)
        assert vmstate("validate", made(data, "vga.json"), "--device", "vga").code == 0
    data = data.replace(b'"latch:u32":0', b'"latch:u32":-1')
    result = vmstate("validate", made(data, "vga.json"), "--device", "vga")
    assert result.err.endswith("vga.json: latch: expected 0 to 4294967295, got -1\n")


def test_standard_input(vmstate: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(document())))
    assert vmstate("validate", "-", "--device", "mc146818rtc").out == "ok     -  1 state, 0 findings\n"


def test_a_schema_that_is_given(vmstate: Command, made: Made) -> None:
    path = made(document(cmos_index=1), "rtc.json")
    assert vmstate("validate", path, "--schema", KEPT / "mc146818rtc.json").code == 0
    other = made(b'{"properties": {"cmos_index:u8": {"multipleOf": 2}}, "maxProperties": 3}', "other.json")
    result = vmstate("validate", path, "--schema", other)
    assert (result.code, result.out) == (1, f"FAILED {path}  1 state, 2 findings\n")
    assert f"vmstate: {path}: cmos_index: 1 is not a multiple of 2" in result.err.splitlines()


@pytest.mark.parametrize(("changes", "words"), [
    ({"cmos_index": 256}, "cmos_index: expected 0 to 255, got 256"),
    ({"cmos_index": -1}, "cmos_index: expected 0 to 255, got -1"),
    ({"cmos_index": "1"}, 'cmos_index: expected integer, got "1"'),
    ({"cmos_index": 1.0}, "cmos_index: expected integer, got 1.0"),
    ({"cmos_index": True}, "cmos_index: expected integer, got true"),
    ({"periodic_timer": [1]}, "periodic_timer: expected integer or null, got [1]"),
    ({"periodic_timer": (1 << 64) - 1}, "periodic_timer: expected 0 to 18446744073709551614, got 18446744073709551615"),
    ({"cmos_data": "zz" * 128}, f'cmos_data: expected bytes as hexadecimal text, got "{"zz" * 29}z… (258 characters)'),
    ({"cmos_data": "00" * 127}, "cmos_data: expected 128 bytes, got 127"),
    ({"cmos_data": "0" * 257}, "cmos_data: expected 128 bytes, got 128 and a half"),
    ({"cmos_data": None}, "missing: cmos_data:b128"),
    ({"surprise": 1}, "not declared here, and to be understood: surprise:u8"),
])
def test_what_is_wrong_is_told(changes: dict[str, Any], words: str, vmstate: Command, made: Made) -> None:
    path = made(document(**changes), "rtc.json")
    result = vmstate("validate", path, "--device", "mc146818rtc")
    assert (result.code, result.out) == (1, f"FAILED {path}  1 state, 1 finding\n")
    assert result.err == f"vmstate: {path}: {words}\n"


@pytest.mark.parametrize(("device", "changes", "words"), [
    ("hpet", ("timers:[{}]", 1, "tn:u8", 256), "timers[1].tn: expected 0 to 255, got 256"),
    ("hpet", ("timers:[{}]", 2, 5), "timers[2]: expected object, got 5"),
    ("i8259", ("irr:u8", []), "irr: expected integer, got []"),
    ("apic", ("isr:[u32]", [1]), "isr: expected 8 elements, got 1"),
    ("virtio-blk", ("@settings", "virtio.transport", 3), '@settings."virtio.transport": expected one of 1, 2, got 3'),
])
def test_where_it_is_wrong_is_told(
    device: str, changes: tuple[Any, ...], words: str, vmstate: Command, made: Made
) -> None:
    (record,) = registry().named(device)
    *path, last, value = changes
    found = inside = json.loads(save(record.make(), json))
    for key in path:
        inside = inside[key]
    inside[last] = value
    result = vmstate("validate", made(json.dumps(found), "it.json"), "--device", device)
    assert (result.code, result.err.partition("it.json: ")[2]) == (1, f"{words}\n")


def test_findings_without_end(vmstate: Command, made: Made) -> None:
    many = {f"x{i}:u8": 1 for i in range(3)} | {"timers:[{}]": [0] * 150}
    result = vmstate("validate", made(json.dumps(many), "it.json"), "--device", "hpet")
    assert result.code == 1
    assert len(result.err.splitlines()) == 101
    assert result.err.endswith("it.json: 52 more\n")


@pytest.mark.parametrize(("data", "arguments", "code", "words"), [
    (document(), (), 2, "the document does not say whose state it is: say --device or --schema"),
    (document(), ("--device", "nothing"), 2, "no device nothing is declared: say --device or --schema"),
    (b'{"item": "section", "name": "x", "state:{}": {}}', (), 2, "no device x is declared"),
    (b"{", ("--device", "hpet"), 3, "no JSON"),
    (b"", ("--device", "hpet"), 3, "no JSON"),
    (b'{"a:u8": 1, "a:u8": 2}', ("--device", "hpet"), 3, "is there twice"),
    (b'{"a:u8": NaN}', ("--device", "hpet"), 3, "NaN is no JSON"),
    (b"[" * 100_000, ("--device", "hpet"), 3, "nested too deep"),
    (b"\x1e{}\n\x1e{", (), 3, "an object of `item` and `digest`"),
    (b"\x1e{", (), 3, "an item is a line"),
    (b"\x92\xc6", (), 4, "a document of msgpack"),
    (b'[[["n:u8"]], [0, 1]]', ("--device", "hpet"), 4, "this is of the profile `compact`"),
    (b'"text"', ("--device", "hpet"), 1, 'expected object, got "text"'),
    (b'{"item": 1}', ("--device", "hpet"), 1, "to be understood: item"),
    (b'{"item": {"item": "section", "name": 1, "state:{}": {}}}', ("--device", "hpet"), 1, "to be understood: item"),
])
def test_validate_refuses(
    data: bytes, arguments: tuple[str, ...], code: int, words: str, vmstate: Command, made: Made
) -> None:
    result = vmstate("validate", made(data, "it.json"), *arguments)
    assert result.code == code
    assert words in result.err


@pytest.mark.parametrize(("data", "words"), [
    (b"{", "schema.json: 0x1: no JSON"), (b'{"type": 5}', "schema.json: no schema: "), (b"5", "schema.json: no schema"),
    (b'{"$schema": 5}', "schema.json: no schema"), (b'{"$schema": []}', "schema.json: no schema"),
    (b'{"patternProperties": {"(": true}}', "no schema: '(' is not a 'regex'"),
    (b'{"$ref": "https://example.com/x"}', "the schema refers to what is not in it"),
    (b'{"$ref": "#/$defs/x"}', "the schema refers to what is not in it"),
])
def test_a_schema_that_is_none(data: bytes, words: str, vmstate: Command, made: Made) -> None:
    result = vmstate("validate", made(document(), "it.json"), "--schema", made(data, "schema.json"))
    assert result.code == 2
    assert words in result.err


def test_a_state_that_is_nested_deep(vmstate: Command, made: Made) -> None:
    recursive = made(b'{"properties": {"a": {"$ref": "#"}}}', "schema.json")
    deep = made(b'{"a":' * 900 + b"1" + b"}" * 900, "deep.json")
    result = vmstate("validate", deep, "--schema", recursive)
    assert result.code in (0, 3)
    assert "Traceback" not in result.err


def test_without_jsonschema(vmstate: Command, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    result = vmstate("validate", made(document(), "it.json"), "--device", "mc146818rtc")
    assert (result.code, "this needs jsonschema" in result.err) == (2, True)


def test_only_validate_imports_jsonschema() -> None:
    code = "import sys; from vmstate_cli import main; main(['schema', 'hpet']); print('jsonschema' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\nFalse\n")
