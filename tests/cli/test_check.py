"""`vmstate check`: which sides there are, what is shown, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import ROOT, Command, recorded, started
from tests.cli.dumps import dump, section
from tests.compat.damages import DAMAGES
from tests.migration.made import EOF, HEADER
from tests.migration.recorded import CORPUS, NAMES, stream

Made = Callable[..., Path]
DUMPS, SCHEMAS = CORPUS / "dumps", ROOT / "schema_out"
STREAM, OTHER = recorded("q62-72"), recorded("pc42-100")
MULTIFD = CORPUS / "channels" / "net-multifd-none-72.multifd1.qemu.zst"
KEYS = ["rule", "severity", "path", "backward", "forward", "message", "reason", "fix", "witness"]


def checked(vmstate: Command, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    """The document."""
    result = vmstate("check", *arguments, "--format", "json")
    assert (result.code, result.err) == (code, "")
    document: dict[str, Any] = json.loads(result.out)
    assert list(document) == ["verdict", "findings", "unfilled"]
    assert all(list(one) == KEYS for one in document["findings"])
    return document


def test_by_own_declarations(vmstate: Command) -> None:
    assert checked(vmstate, STREAM) == checked(vmstate, STREAM, "--against", "devices")
    assert vmstate("check", STREAM) == (0, "ok\n", "")


def test_by_a_dump(vmstate: Command) -> None:
    document = checked(vmstate, STREAM, "--against", DUMPS / "10.0-x86_64-microvm.json.zst")
    (one,) = document["findings"]
    assert (document["verdict"], one["rule"], one["severity"]) == ("unknown", "VM901", "note")
    assert "a dump describes device types alone" in one["reason"]
    new = checked(vmstate, recorded("mps2-an385-100"), "--against", DUMPS / "7.2-aarch64-virt-2.10.json.zst", code=1)
    assert new["verdict"] == "breaks"
    assert new["findings"][0]["witness"] == {"value": "0x0b"}


def test_by_a_stream(vmstate: Command) -> None:
    document = checked(vmstate, STREAM, "--against", OTHER, code=1)
    assert document["verdict"] == "breaks"
    verdicts = [one["backward"] for one in document["findings"]]
    assert verdicts == sorted(verdicts, key=["breaks", "unknown", "ok"].index)
    assert {(one["backward"], one["severity"]) for one in document["findings"]} == {
        ("breaks", "error"), ("unknown", "note")}
    assert document["unfilled"] == [
        "0000:00:00.0/I440FX", "0000:00:01.1/ide", "0000:00:01.3/piix4_pm", "0000:00:01.0/PIIX3", "fdc"]


@pytest.mark.parametrize("name", NAMES)
def test_by_schemas(name: str, vmstate: Command) -> None:
    """Those of the declarations by which the stream is read have nothing against it."""
    document = checked(vmstate, recorded(name), "--against", SCHEMAS)
    assert [one["rule"] for one in document["findings"]] in ([], ["VM901"])
    assert all(one["message"].startswith(("nobody declares", "what is in")) for one in document["findings"])


def test_by_schemas_that_differ(vmstate: Command, tmp_path: Path) -> None:
    """Its version, and a member that is gone."""
    text = (SCHEMAS / "mc146818rtc.json").read_text("utf-8")
    (tmp_path / "mc146818rtc.json").write_text(text.replace('"version": 3', '"version": 2', 1), "utf-8")
    old = checked(vmstate, STREAM, "--against", tmp_path, code=1)
    assert [(one["rule"], one["path"]) for one in old["findings"] if one["severity"] == "error"] == [
        ("VM201", "mc146818rtc")]
    schema = json.loads(text)
    key = next(one for one in schema["properties"] if one.startswith("cmos_index"))
    del schema["properties"][key]
    schema["required"] = [one for one in schema.get("required", []) if one != key]
    (tmp_path / "mc146818rtc.json").write_text(json.dumps(schema), "utf-8")
    gone = checked(vmstate, STREAM, "--against", tmp_path, code=1)
    assert ("VM303", "mc146818rtc::cmos_index", "error") in [
        (one["rule"], one["path"], one["severity"]) for one in gone["findings"]]


def test_by_a_revision(vmstate: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert checked(vmstate, STREAM, "--against", "git:HEAD")["verdict"] in ("ok", "unknown")


def test_documents(vmstate: Command, tmp_path: Path) -> None:
    """A document is the stream that it was made of, on either side."""
    document = tmp_path / "guest.cbor"
    assert vmstate("convert", STREAM, "-o", document, "--to", "cbor").code == 0
    assert checked(vmstate, document, "--against", STREAM) == checked(vmstate, STREAM, "--against", document)


def test_standard_input() -> None:
    told = started("check", "-", data=stream("none-72"))
    assert (told.returncode, told.stdout) == (0, b"ok\n")
    told = started("check", recorded("none-72"), "--against", "-", data=stream("none-72"))
    assert (told.returncode, told.stdout) == (0, b"ok\n")
    told = started("check", "-", "--against", "-", data=stream("none-72"))
    assert (told.returncode, told.stderr) == (2, b"vmstate: -: standard input cannot be both sides\n")


# -- what is shown

def test_text(vmstate: Command) -> None:
    result = vmstate("check", STREAM, "--against", OTHER)
    assert (result.code, result.err) == (1, "")
    first, second, *_ = result.out.splitlines()
    assert (first, second) == ("breaks", "  VM108 error  configuration::machine  breaks")
    assert "fix: the same device there, in the same place" in result.out
    assert max(map(len, result.out.splitlines())) <= 100
    assert result.out.count("  nothing would fill ") == 1


def test_long_lists_are_folded(vmstate: Command, made: Made) -> None:
    """In the text alone."""
    bare = made(HEADER + EOF)
    document = checked(vmstate, bare, "--against", STREAM)
    text = vmstate("check", bare, "--against", STREAM).out
    assert len(document["unfilled"]) > 30
    assert f"and {len(document['unfilled']) - 12} more" in " ".join(text.split())


def test_findings_of_a_section_are_folded(vmstate: Command, tmp_path: Path) -> None:
    there = dump(tmp_path, "there", section("mc146818rtc", version=3))
    document = checked(vmstate, STREAM, "--against", there, code=1)
    left = [one for one in document["findings"] if one["rule"] == "VM303"]
    text = vmstate("check", STREAM, "--against", there).out
    assert len(left) > 10
    assert text.count("VM303") == 3
    assert f"… and {len(left) - 3} more like these in mc146818rtc (--format json has all)" in text


def test_what_is_unknown_of_a_section_is_a_line(vmstate: Command) -> None:
    """A stream of another build leaves open which members are always sent."""
    other = recorded("pc52-111")
    document = checked(vmstate, STREAM, "--against", other, code=1)
    open_ = [one["path"] for one in document["findings"]
             if one["backward"] == "unknown" and one["path"].startswith("globalstate::")]
    text = " ".join(vmstate("check", STREAM, "--against", other).out.split())
    assert len(open_) > 2
    assert text.count("globalstate unknown") == 1
    assert "nobody can tell of " + ", ".join(one.partition("::")[2] for one in open_) + " (--format json" in text


def test_names_are_escaped(vmstate: Command, made: Made) -> None:
    data = stream("pc72-72-default").replace(b":03.0/e1000", b":03.0/e\x1b[3m")
    result = vmstate("check", made(data), "--against", recorded("pc72-72-default"))
    assert result.code == 1
    assert "\x1b" not in result.out
    assert "e\\x1b[3m" in result.out


# -- odd files

@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_stream_is_a_finding(kind: str, vmstate: Command, made: Made) -> None:
    """The prediction is that it is refused: no error of the command."""
    path = made(DAMAGES[kind](stream("opt-uuid-72")))
    code = int(kind != "damage: trailing garbage")
    assert checked(vmstate, path, "--against", recorded("opt-uuid-72"), code=code)["findings"]


@pytest.mark.parametrize(("arguments", "text"), [
    ((MULTIFD,), "it is a multifd channel, and no load begins with one: the main stream is wanted"),
    ((STREAM, "--against", MULTIFD), f"{MULTIFD} is a multifd channel, and tells nothing of the machine"),
    ((STREAM, "--against", "absent.json"), "absent.json: neither a file nor a module"),
    ((STREAM, "--against", ROOT / "README.md"), "neither a dump, a schema nor a stream"),
    (("absent.qemu",), "No such file or directory"),
    ((STREAM, "--against", "git:no-such-revision"), "no-such-revision"),
])
def test_what_cannot_serve(arguments: tuple[str | Path, ...], text: str, vmstate: Command) -> None:
    result = vmstate("check", *arguments)
    assert (result.code, result.out) == (2, "")
    assert text in result.err


def test_a_damaged_destination(vmstate: Command, made: Made) -> None:
    path = made(DAMAGES["damage: cut in RAM"](stream("opt-uuid-72")))
    result = vmstate("check", STREAM, "--against", path)
    assert (result.code, result.out) == (2, "")
    assert "expected 4096 bytes, got 3996 bytes" in result.err


def test_an_offset_is_the_streams_alone(vmstate: Command, made: Made) -> None:
    path = made(b"LibvirtQemudSave".ljust(64, b"x") + stream("none-72"))
    assert vmstate("check", path, "--offset", "64", "--against", recorded("none-72")) == (0, "ok\n", "")
