"""Damaged streams through each command: the exit code, one line on standard error, no traceback, valid JSON."""

import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Command, recorded
from tests.migration.made import EOF, HEADER, command, configuration, full, named, part
from tests.migration.recorded import stream

CPU_COMMON = full(4, "cpu_common", bytes(8))
ON_OFF = (b"\x05\x1aconfiguration/capabilities" + (1).to_bytes(4, "big") + (1).to_bytes(4, "big") + b"\x0amapped-ram")
RAM_START = named(1, 2, "ram", (0x1000 | 4).to_bytes(8, "big") + b"\x01r" + (0x1000).to_bytes(8, "big")
                  + (0x10).to_bytes(8, "big"), version=4)
STRAY_PAGE = (8).to_bytes(8, "big") + b"\x01x" + bytes(4096)


def _cut(name: str, size: int) -> bytes:
    return stream(name)[:size]


def _changed(name: str, old: bytes, new: bytes) -> bytes:
    data = stream(name)
    assert data.count(old) >= 1
    return data.replace(old, new, 1)


DAMAGED: dict[str, tuple[bytes, int]] = {
    "empty": (b"", 3),
    "text": (b"Once upon a time\n", 3),
    "magic only": (b"QEVM", 3),
    "another version": (b"QEVM" + (2).to_bytes(4, "big") + EOF, 4),
    "a header alone": (HEADER, 3),
    "a configuration without end": (HEADER + b"\x07\xff\xff\xff\xff" + b"pc", 3),
    "a file with mapped RAM": (HEADER + configuration(b"pc", ON_OFF) + EOF, 0),
    "an unknown record": (HEADER + b"\x42" + EOF, 3),
    "an unknown command": (HEADER + command(99, b"") + EOF, 3),
    "a part of nothing": (HEADER + part(2, 9, b"abcd") + EOF, 3),
    "an id in use": (HEADER + CPU_COMMON + CPU_COMMON + EOF, 3),
    "another footer": (HEADER + CPU_COMMON[:-1] + b"\x09" + EOF, 1),
    "no footer and no description": (HEADER + full(5, "nobody", b"abc", footer=False) + EOF, 0),
    "no footer, no description and no end": (HEADER + full(5, "nobody", b"abc", footer=False), 3),
    "a page of an unknown block": (HEADER + RAM_START[:-5] + b"\x7e\0\0\0\x02" + part(2, 2, STRAY_PAGE) + EOF, 3),
    "cut in RAM": (_cut("pc72-72-nodefaults", 300_000), 3),
    "cut in a device": (_cut("none-72", 0x60), 3),
    "cut before the end": (_cut("none-72", 0x19a), 3),
    "cut in the description": (_cut("none-72", 900), 3),
    "a description that is no JSON": (_changed("none-72", b'"page_size"', b'"page_size;'), 1),
    "a name that nobody knows": (_changed("none-72", b"globalstate", b"globalstatX"), 0),
    "a body that is no such device": (HEADER + full(3, "timer", b"abc", version=2) + EOF, 1),
}
"""Each with the exit code of `show`."""

COMPRESSED = {
    "cut zstd": recorded("none-72").read_bytes()[:200],
    "broken zstd": recorded("none-72").read_bytes()[:100] + bytes(250),
    "cut gzip": gzip.compress(stream("none-72"))[:-40],
    "broken gzip": gzip.compress(stream("none-72"))[:30] + b"\xff" * 400,
    "cut xz": lzma.compress(stream("none-72"))[:-40],
    "broken xz": lzma.compress(stream("none-72"))[:40] + b"\xff" * 400,
}


def _no_traceback(err: str, code: int) -> None:
    assert "Traceback" not in err
    lines = err.splitlines()
    assert all(line.startswith("vmstate: ") for line in lines)
    assert bool(lines) == (code != 0)
    if code >= 3:
        assert len(lines) >= 1


@pytest.mark.parametrize("name", DAMAGED)
def test_show(name: str, vmstate: Command, made: Callable[[bytes], Path]) -> None:
    data, code = DAMAGED[name]
    result = vmstate("show", made(data))
    assert result.code == code, result.err
    _no_traceback(result.err, code)


@pytest.mark.parametrize("form", ["json", "ndjson"])
@pytest.mark.parametrize("name", DAMAGED)
def test_json_stays_valid(name: str, form: str, vmstate: Command, made: Callable[[bytes], Path]) -> None:
    data, code = DAMAGED[name]
    result = vmstate("show", "--format", form, made(data))
    assert result.code == code
    documents = [json.loads(line) for line in ([result.out] if form == "json" else result.out.splitlines())]
    assert bool(documents[-1].get("error")) == (code >= 3)


@pytest.mark.parametrize("name", DAMAGED)
def test_info(name: str, vmstate: Command, made: Callable[[bytes], Path]) -> None:
    data, code = DAMAGED[name]
    for form in ("text", "json"):
        result = vmstate("info", "--format", form, made(data))
        assert result.code == code, result.err
        _no_traceback(result.err, code)
    assert bool(json.loads(result.out)["error"]) == (code >= 3)


@pytest.mark.parametrize("name", DAMAGED)
def test_verify(name: str, vmstate: Command, made: Callable[[bytes], Path]) -> None:
    data, code = DAMAGED[name]
    result = vmstate("verify", "--format", "json", made(data))
    assert "Traceback" not in result.err
    (told,) = json.loads(result.out)["streams"]
    assert told["size"] == len(data)
    if code >= 3:
        assert result.code == code
        assert told["error"]
        assert not told["ok"]
        assert not told["identical"]


@pytest.mark.parametrize("name", COMPRESSED)
def test_compressed(name: str, vmstate: Command, made: Callable[[bytes], Path]) -> None:
    path = made(COMPRESSED[name])
    for arguments in (("show",), ("show", "--format", "json"), ("info",), ("verify",)):
        result = vmstate(*arguments, path)
        assert result.code == 3, result.err
        assert "Traceback" not in result.err
        (line,) = result.err.splitlines()
        assert "compressed" in line


def test_what_was_read_is_shown(vmstate: Command, made: Callable[[bytes], Path]) -> None:
    result = vmstate("show", made(_cut("none-72", 0x1a0)))
    assert result.code == 3
    assert "cpu_clock_offset" in result.out
    assert "paused" in result.out


def test_the_error_has_place_and_offset(vmstate: Command, made: Callable[[bytes], Path]) -> None:
    path = made(_cut("pc72-72-nodefaults", 400_000))
    (line,) = vmstate("show", path).err.splitlines()
    assert line.startswith(f"vmstate: {path}: ram")
    assert " @ 0x61340: expected 4096 bytes, got 1856 bytes" in line


def test_a_finding_does_not_stop(vmstate: Command, made: Callable[[bytes], Path]) -> None:
    path = made(HEADER + full(3, "timer", b"abc", version=2) + CPU_COMMON + EOF)
    result = vmstate("show", path)
    assert result.code == 1
    assert result.err.startswith(f"vmstate: {path}: timer: ")
    assert '"abc"' in result.out
    assert "opaque" in result.out
    assert "cpu_common" in result.out


def test_files_that_cannot_be_opened(vmstate: Command, tmp_path: Path) -> None:
    missing = vmstate("show", tmp_path / "missing")
    assert (missing.code, missing.err) == (2, f"vmstate: {tmp_path}/missing: No such file or directory\n")
    assert vmstate("info", tmp_path).err == f"vmstate: {tmp_path}: Is a directory\n"
    assert json.loads(vmstate("show", "--format", "json", tmp_path).out)["error"] == "Is a directory"
    result = vmstate("verify", "--format", "json", tmp_path / "missing")
    assert result.code == 2
    assert json.loads(result.out)["streams"][0]["error"] == "No such file or directory"


def test_names_out_of_a_stream_are_escaped(vmstate: Command, made: Callable[[bytes], Path]) -> None:
    data = full(3, "evil", b"abc").replace(b"evil", b"\x1b[\xff")
    data = data.replace(b"\x04\x1b[\xff", b"\x03\x1b[\xff")
    result = vmstate("show", made(HEADER + data + EOF))
    assert "\x1b" not in result.out + result.err
    assert "\\x1b[\\xff" in result.out
