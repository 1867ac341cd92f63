"""`vmstate replay` against a real QEMU: what was replayed loads there, and its answer stands beside the prediction.

For QEMU 10.0 see `test_load`.
"""

import json
import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devices.catalogue import registry
from migration.replay import Replay
from migration.replica import Stream
from tests.cli.command import Result, runner
from tests.interop.conftest import LATER, Start, needs
from tests.interop.rewriting import rewritten
from tests.migration.recorded import STREAMS, packed, stream
from vmstate_cli import exits

PC, BOARD = "pc72-72-nodefaults", "tricore-100"
QEMU = "qemu-system-x86_64"
OLDER = ("cpu-qemu32-52", "q42-52", "pc42-100", "pc52-111", "usb-uhci-72", "sparc-ss5-72", "virtio-a-legacy-52")
CHANGED: dict[str, dict[str, object]] = {
    PC: {"fw_cfg::dma_enabled": False}, "q62-72": {"pckbd::kbd.extended_state": False},
    "pc42-100": {"hpet::hpet_offset_saved": False}}
"""With these facts a replay writes other bytes than it has read, which QEMU loads all the same."""

Proves = Callable[..., tuple[int, Any]]


@pytest.fixture
def proves(capsys: pytest.CaptureFixture[str]) -> Proves:
    """What the command says of a stream, with these arguments for QEMU."""
    def run(path: Path, *qemus: str | Path, more: tuple[str, ...]) -> tuple[int, Any]:
        asked = [part for one in qemus for part in ("--qemu", one)]
        result: Result = runner(capsys)("replay", path, *asked, "--format", "json", "--", *more)
        assert result.err == ""
        return result.code, json.loads(result.out)
    return run


def arguments(name: str) -> tuple[str, ...]:
    """How the source was started."""
    return tuple(STREAMS[name]["args"])


@pytest.mark.parametrize("name", ["none-72", PC, *OLDER])
def test_what_is_replayed_is_what_was_sent(name: str) -> None:
    out = list[bytes]()
    Replay(Stream(stream(name), registry())).write(out.append)
    assert b"".join(out) == stream(name)


@pytest.mark.parametrize("name", CHANGED)
def test_what_is_replayed_is_loaded(start: Start, name: str) -> None:
    out = list[bytes]()
    Replay(Stream(stream(name), registry(), settings=CHANGED[name])).write(out.append)
    assert b"".join(out) != stream(name)
    start(name).load(b"".join(out))


def test_a_stream_that_loads(proves: Proves) -> None:
    needs(QEMU)
    code, told = proves(packed(PC), QEMU, more=arguments(PC))
    (one,) = told["qemus"]
    assert (code, one["answer"], one["explained"]) == (exits.FINE, "loads", [])
    assert one["predicted"] in ("loads", "unknown")


def test_a_version_that_is_refused_as_foretold(proves: Proves, tmp_path: Path) -> None:
    needs(QEMU)
    (path := tmp_path / "changed").write_bytes(rewritten(stream(PC), versions={"mc146818rtc": 4}))
    code, told = proves(path, QEMU, more=arguments(PC))
    (one,) = told["qemus"]
    assert (code, one["answer"], one["predicted"]) == (exits.FINE, "fails", "fails")
    assert "unsupported version 4 for 'mc146818rtc' v3" in one["said"]
    assert "mc146818rtc" in one["explained"][0]["section"]
    assert "VM201" in {finding["rule"] for finding in one["findings"]}


def test_a_command_that_is_refused_as_foretold(proves: Proves) -> None:
    needs("qemu-system-tricore")
    code, told = proves(packed(BOARD), "qemu-system-tricore", more=arguments(BOARD))
    assert (code, told["qemus"][0]["answer"], told["qemus"][0]["predicted"]) == (exits.FINE, "fails", "fails")


def test_another_machine_fails(proves: Proves) -> None:
    needs(QEMU)
    _, told = proves(packed(PC), QEMU, more=("-M", "pc-q35-7.2", "-m", "16", "-nodefaults"))
    assert told["qemus"][0]["answer"] == "fails"
    assert "pc-q35-7.2" in told["qemus"][0]["explained"][0]["cause"]


def test_a_machine_that_is_none_is_no_answer(proves: Proves) -> None:
    """It fails long before it sees the stream."""
    needs(QEMU)
    code, told = proves(packed(PC), QEMU, more=("-M", "nothing"))
    (one,) = told["qemus"]
    assert (code, one["answer"], one["agrees"]) == (exits.FINDINGS, "no answer", False)
    assert "unsupported machine type" in one["said"]


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return path


def test_one_that_says_nothing_is_given_up(proves: Proves, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    silent = script(tmp_path / "silent", "exec sleep 600")
    result = runner(capsys)("replay", packed("none-72"), "--qemu", silent, "--time", "0.3", "--format", "json")
    assert result.code == exits.FINDINGS
    assert json.loads(result.out)["qemus"][0]["answer"] == "no answer"


def test_a_table_of_several(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A script is a QEMU too; one that has lost a device fails, and nobody could have known."""
    needs(QEMU)
    other = script(tmp_path / "other", f'exec {shutil.which(QEMU)} "$@" -m 32')
    result = runner(capsys)("replay", packed(PC), "--matrix", QEMU, other, "--", *arguments(PC))
    head, *rows = result.out.splitlines()
    as_options = "--qemu", QEMU, "--qemu", other, "--matrix"
    assert runner(capsys)("replay", packed(PC), *as_options, "--", *arguments(PC)) == result
    assert head.split() == ["QEMU", "predicted", "answer"]
    assert [row.split()[0] for row in rows] == [QEMU, str(other)]
    assert [row.split()[2] for row in rows] == ["loads", "fails"]
    assert "pc.ram" in rows[1] or "memory" in rows[1]


def test_a_later_one(proves: Proves, tmp_path: Path) -> None:
    command = os.environ.get(LATER) or pytest.skip(f"{LATER} names no QEMU 10.0")
    qemu = script(tmp_path / "later", f'exec {shlex.join(shlex.split(command.format(arch="x86_64")))} "$@"')
    code, told = proves(packed(PC), qemu, more=arguments(PC))
    assert (code, told["qemus"][0]["answer"]) == (exits.FINE, "loads")
    code, told = proves(packed("pc100-100-nodefaults"), qemu, more=arguments("pc100-100-nodefaults"))
    assert (code, told["qemus"][0]["answer"]) == (exits.FINE, "loads")
