"""How a stream is read: where it begins, by whose description, what bounds its sections, and what file it is."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Command, recorded
from tests.migration.made import BARE, EOF, HEADER, command, full, named, part, without
from tests.migration.recorded import stream

Made = Callable[[bytes, str], Path]
EOS = (0x10).to_bytes(8, "big")
RAM_START = (0x1004).to_bytes(8, "big") + b"\x02pc" + (0x1000).to_bytes(8, "big") + EOS
PAGE = (8).to_bytes(8, "big") + b"\x02pc" + bytes(range(256)) * 16
RAM = named(1, 2, "ram", RAM_START, version=4, footer=False) + part(3, 2, PAGE + EOS, footer=False)
UNKNOWN = HEADER + RAM + full(3, "first", b"abc", footer=False) + full(4, "second", b"defg", footer=False) + EOF
RESYNC = "bounded by resync"


def told(vmstate: Command, *arguments: str | Path) -> dict[str, Any]:
    """The document of a command that finds nothing wrong."""
    result = vmstate(*arguments, "--format", "json")
    assert (result.code, result.err) == (0, "")
    document: dict[str, Any] = json.loads(result.out)
    return document


# -- what only a resync bounds

def test_a_resync_is_told(vmstate: Command, made: Made) -> None:
    """A note, and no error."""
    path = made(UNKNOWN, "unknown")
    shown = vmstate("show", path)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.count(RESYNC) == 2
    assert '"abc"' in shown.out
    sections = told(vmstate, "show", path)["sections"]
    assert [(one["name"], one["size"], one["source"]) for one in sections[1:]] == [
        ("first", 3, "opaque"), ("second", 4, "opaque")]
    assert all(one["notes"][0].startswith(RESYNC) for one in sections[1:])
    assert sections[0]["notes"] == []
    (line,) = [line for line in vmstate("info", path).out.splitlines() if RESYNC in line]
    assert line.endswith("first, second")
    assert list(told(vmstate, "info", path)["notes"].values()) == [["first", "second"]]
    assert vmstate("verify", path).out.rstrip().endswith(f"2 opaque; 2 {RESYNC}")
    assert list(told(vmstate, "verify", path)["streams"][0]["notes"].values()) == [2]


def test_a_bare_stream_of_declared_devices(vmstate: Command, made: Made) -> None:
    path = made(without(stream("pc72-72-nodefaults"), *BARE), "bare")
    assert vmstate("verify", path).out.rstrip().endswith("30 declared")
    out = vmstate("info", path).out
    assert "found by trying" in out
    assert told(vmstate, "info", path)["page_size"] == 4096


# -- by another stream's description

def test_described_by_another(vmstate: Command, made: Made) -> None:
    path, other = made(without(stream("sparc-ss5-72"), *BARE), "bare"), recorded("sparc-ss5-72")
    alone = told(vmstate, "verify", path)["streams"][0]["sections"]
    both = told(vmstate, "verify", path, "--describe-with", other)["streams"][0]
    assert alone["opaque"] > 0
    assert both["sections"] == {"declared": alone["declared"], "embedded": alone["opaque"], "opaque": 0}
    assert both["notes"] == {f"described by {other}": alone["opaque"]}
    sections = told(vmstate, "show", path, "--describe-with", other)["sections"]
    assert [one["source"] for one in sections if one["notes"]] == ["embedded"] * alone["opaque"]
    shown = vmstate("show", path, "cpu", "--describe-with", other).out
    assert f"described by {other}" in shown
    assert "env.gregs" in shown
    assert f"described by {other}" in vmstate("info", path, "--describe-with", other).out


def test_declarations_come_first_unless_asked(vmstate: Command, made: Made) -> None:
    path, other = made(without(stream("smp2-72"), *BARE), "bare"), recorded("smp2-72")
    first = told(vmstate, "verify", path, "--describe-with", other)["streams"][0]
    assert first["sections"]["embedded"] == 0
    asked = told(vmstate, "verify", path, "--describe-with", other, "--source", "embedded")["streams"][0]
    assert asked["sections"]["declared"] == 0
    assert asked["sections"]["embedded"] == first["sections"]["declared"]


@pytest.mark.parametrize("arguments", [("show",), ("show", "--format", "json"), ("info",), ("verify",)])
def test_one_that_cannot_describe(arguments: tuple[str, ...], vmstate: Command, made: Made, tmp_path: Path) -> None:
    path = made(UNKNOWN, "unknown")
    for other, why in ((path, "it has no description"), (tmp_path / "missing", "No such file or directory")):
        result = vmstate(*arguments, path, "--describe-with", other)
        assert (result.code, result.err) == (2, f"vmstate: {path}: {other}: {why}\n")


# -- where it begins

def test_a_hole(vmstate: Command, made: Made) -> None:
    path = made(bytes(5000) + stream("none-72"), "hole")
    assert "hole  at 0x0, 5,000 bytes" in vmstate("show", path).out
    assert told(vmstate, "info", path)["offset"] == 5000
    assert "offset" in vmstate("info", path).out
    entry = told(vmstate, "verify", path)["streams"][0]
    assert entry["accounted"] == entry["size"] == 5000 + 1013
    places = [one["offset"] for one in told(vmstate, "show", path)["sections"]]
    assert places == [one["offset"] + 5000 for one in told(vmstate, "show", recorded("none-72"))["sections"]]


@pytest.mark.parametrize("offset", ["100", "0x64"])
def test_an_offset(offset: str, vmstate: Command, made: Made) -> None:
    path = made(bytes(range(100)) + stream("none-72"), "behind")
    assert vmstate("verify", path).code == 3
    assert told(vmstate, "verify", path, "--offset", offset)["streams"][0]["ok"]
    assert told(vmstate, "info", path, f"--offset={offset}")["offset"] == 100
    wrong = vmstate("verify", path, "--offset", "99")
    assert wrong.code == 3
    assert "0x63: this is no migration stream" in wrong.err


@pytest.mark.parametrize("offset", ["", "x", "-1", "1.5"])
def test_what_is_no_offset(offset: str, vmstate: Command) -> None:
    result = vmstate("info", "x", f"--offset={offset}")
    assert result.code == 2
    assert "--offset" in result.err


# -- what file it is

FILES = {
    "recovery": command(10, b"\x02pc") + command(9, b"") + part(2, 5, PAGE + EOS) + part(3, 5, EOS) + EOF,
    "preempt channel": PAGE + EOS,
    "cpr state": b"QCPR\0\0\0\1" + b"\1\0\0\0\7pc.rom\0\0\0\0\0\x20\0",
}


@pytest.mark.parametrize("kind", FILES)
def test_other_files(kind: str, vmstate: Command, made: Made) -> None:
    path = made(FILES[kind], "other")
    assert told(vmstate, "info", path)["kind"] == kind
    out = vmstate("info", path).out
    assert kind in out
    assert ("packets" in out) == (kind == "cpr state")
    assert ("1 with data" in out) == ("4,096 bytes  found by trying" in out) == (kind != "cpr state")
    assert vmstate("verify", path).code == 0
    shown = vmstate("show", path)
    assert (shown.code, shown.err) == (0, "")
    assert ("pc.rom" if kind == "cpr state" else "1 with data") in shown.out


def test_pages_of_the_host(vmstate: Command, made: Made) -> None:
    huge = 0x20_0000
    advised = command(3, (huge | 0x1000).to_bytes(8, "big") + (0x1000).to_bytes(8, "big"))
    listed = (huge | 4).to_bytes(8, "big") + b"\x01h" + huge.to_bytes(8, "big") * 2 + EOS
    path = made(HEADER + advised + named(1, 2, "ram", listed, version=4) + part(3, 2, EOS) + EOF, "huge")
    assert "2,097,152 bytes  the host's pages have 2,097,152 bytes; no pages" in vmstate("info", path).out
    assert told(vmstate, "info", path)["ram"]["blocks"][0]["page_size"] == huge
    assert vmstate("verify", path).code == 0


def test_a_colo_stream(vmstate: Command, made: Made) -> None:
    path = made(HEADER + command(8, b"") + full(3, "cpu_common", bytes(8)) + EOF + b"\0\0\0\0\0\0\0\1", "colo")
    result = vmstate("info", path)
    assert result.code == 4
    assert "a COLO stream goes on here" in result.err
