"""`vmstate replay`: a stream out of an old one, the report, and what is left behind when it is refused."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from migration.documents import format_of
from tests.cli.command import Command, recorded, started
from tests.documents.rounds import Profile, document
from tests.migration.recorded import stream
from vmstate_cli import exits

Made = Callable[..., Path]
NAME, OLD = "pc72-72-nodefaults", "cpu-qemu32-52"

NEWER = '''
from vmstate import state, uint8, uint32

@state("i2c_bus", version=2, minimum=1)
class Bus:
    saved_address: int = uint8()
    speed: int = uint32(reset=100_000, since=2)
'''
REFUSING = '''
from vmstate import HookRefused, post_load, state, uint8

@state("i2c_bus")
class Bus:
    saved_address: int = uint8()

    @post_load
    def _refuses(self, version: int) -> None:
        raise HookRefused("nobody is there")

@state("port92", version=2, minimum=2)
class Port:
    outport: int = uint8()
'''


@pytest.fixture
def newer(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Writes a file of declarations; what is imported from there is forgotten again."""
    def write(text: str) -> Path:
        (path := tmp_path / "newer.py").write_text(text, "utf-8")
        return path

    known, path = set(sys.modules), list(sys.path)
    yield write
    sys.path[:] = path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def test_the_new_stream_is_well(vmstate: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = vmstate("replay", recorded(OLD), "--setting", "pckbd::kbd.extended_state=true", "-o", out)
    assert (result.code, result.err) == (exits.FINE, "")
    assert "defaulted  kbd.pckbd/extended_state\n" in result.out
    assert result.out.endswith(" replayed\n")
    assert vmstate("verify", out).code == exits.FINE
    assert out.read_bytes() != stream(OLD)


def test_without_output_it_only_tells(vmstate: Command) -> None:
    assert vmstate("replay", recorded(NAME)).out == "30 replayed\n"


def test_newer_declarations(vmstate: Command, newer: Callable[[str], Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = vmstate("replay", recorded(NAME), "--onto", newer(NEWER), "-o", out)
    assert (result.code, result.err) == (exits.FINE, "")
    assert "i2c_bus  version 1 -> 2\n  defaulted  speed  100000\n" in result.out
    assert out.read_bytes().count(b"\x07i2c_bus" + bytes(4) + (2).to_bytes(4, "big") + b"\xff\x00\x01\x86\xa0") == 1


def test_as_json(vmstate: Command, newer: Callable[[str], Path]) -> None:
    told = json.loads(vmstate("replay", recorded(NAME), "--onto", f"{newer(NEWER)}:Bus", "--format", "json").out)
    assert told["loads"] is True
    (bus,) = [one for one in told["sections"] if one["name"] == "i2c_bus"]
    assert bus == {"name": "i2c_bus", "instance": 0, "from": 1, "to": 2, "outcome": "replayed", "why": "",
                   "error": None,
                   "changes": [{"what": "defaulted", "path": "speed", "before": "", "after": "100000"}]}


def test_what_is_refused_leaves_no_file(vmstate: Command, newer: Callable[[str], Path], tmp_path: Path) -> None:
    onto, out = newer(REFUSING), tmp_path / "out"
    result = vmstate("replay", recorded(NAME), "--onto", onto, "-o", out)
    assert (result.code, result.err) == (exits.FINDINGS, "")
    refused = [line for line in result.out.splitlines() if line.startswith("refused")]
    assert len(refused) == 2
    assert any("nobody is there" in line and line.startswith("refused  i2c_bus @ 0x") for line in refused)
    assert any("port92 is version 1, this declaration has 2" in line for line in refused)
    assert not out.exists()
    told = json.loads(vmstate("replay", recorded(NAME), "--onto", onto, "--format", "json").out)
    assert told["loads"] is False
    (error,) = [one["error"] for one in told["sections"] if one["name"] == "i2c_bus"]
    assert error["path"] == "i2c_bus"
    assert error["offset"] > 0


def test_what_was_there_stays(vmstate: Command, newer: Callable[[str], Path], tmp_path: Path) -> None:
    (out := tmp_path / "out").write_bytes(b"what was there")
    assert vmstate("replay", recorded(NAME), "--onto", newer(REFUSING), "-o", out).code == exits.FINDINGS
    assert out.read_bytes() == b"what was there"
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {"out", "newer.py"}


def test_of_a_document(vmstate: Command, tmp_path: Path) -> None:
    (path := tmp_path / "guest.cbor").write_bytes(document(stream(NAME), Profile("cbor", False)))
    out = tmp_path / "out"
    assert vmstate("replay", path, "-o", out).code == exits.FINE
    assert format_of(out.read_bytes()) == ""
    assert out.read_bytes() == stream(NAME)


def test_standard_output_has_the_stream_alone() -> None:
    result = started("replay", "-", "-o", "-", data=stream("none-72"))
    assert (result.returncode, result.stdout) == (exits.FINE, stream("none-72"))
    assert result.stderr == b"3 replayed\n"


def test_a_fact_may_be_given(vmstate: Command) -> None:
    result = vmstate("replay", recorded("q42-52"), "--setting", "pckbd::kbd.extended_state=true")
    assert "pckbd  version 3\n  defaulted  kbd.pckbd/extended_state\n" in result.out


@pytest.mark.parametrize(("arguments", "words"), [
    ((), "--pinned"), (("STREAM", "--matrix"), "--qemu"), (("--matrix", "x", "STREAM"), "before --matrix"),
    (("STREAM", "--matrix", "no-such-program", "--", "-M", "pc"), "no-such-program"),
    (("STREAM", "--matrix", "x", "--format", "text", "-o", "y"), "-o"), (("STREAM", "--", "-M", "pc"), "--qemu"),
    (("STREAM", "--onto", "no_such_module"), "no_such_module"), (("missing",), "missing"),
    (("STREAM", "--qemu", "no-such-program"), "no-such-program"), (("STREAM", "--qemu", "x", "-o", "y"), "-o"),
    (("STREAM", "--qemu", "x", "--time", "0"), "--time"), (("STREAM", "--time", "soon"), "--time"),
], ids=" ".join)
def test_usage(arguments: tuple[str, ...], words: str, vmstate: Command) -> None:
    result = vmstate("replay", *(str(recorded("none-72")) if one == "STREAM" else one for one in arguments))
    assert (result.code, result.out) == (exits.USAGE, "")
    assert words in result.err
    assert "Traceback" not in result.err


def test_what_is_no_main_stream(vmstate: Command) -> None:
    channel = recorded("none-72").parents[1] / "channels" / "net-multifd-none-72.multifd1.qemu.zst"
    result = vmstate("replay", channel)
    assert (result.code, result.out) == (exits.USAGE, "")
    assert "multifd channel" in result.err


def test_a_stream_cut_short(vmstate: Command, made: Made, tmp_path: Path) -> None:
    for size in (5, 300, 300_000):
        path, out = made(stream(NAME)[:size]), tmp_path / "out"
        result = vmstate("replay", path, "-o", out)
        assert (result.code, result.out, result.err.count("\n")) == (exits.DAMAGED, "", 1)
        assert not out.exists()
