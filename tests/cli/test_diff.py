"""`vmstate diff`: what differs between two streams, to read and as JSON; what is left out, and where that is said."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Command, recorded, started
from tests.cli.test_damaged import DAMAGED
from tests.documents.rounds import Profile, document
from tests.interop.rewriting import rewritten
from tests.migration.recorded import CORPUS, NAMES, stream
from vmstate_cli import exits
from vmstate_cli.leaves import TIMES

PC, OTHER, SMALL = recorded("pc72-72-nodefaults"), recorded("pc100-100-nodefaults"), recorded("none-72")
Edited = Callable[..., Path]


@pytest.fixture
def edited(vmstate: Command, tmp_path: Path) -> Edited:
    """The PC with values set."""
    def run(*values: str) -> Path:
        path = tmp_path / "edited"
        assert vmstate("set", PC, *values, "-o", path).code == exits.FINE
        return path
    return run


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_and_itself(name: str, vmstate: Command) -> None:
    result = vmstate("diff", recorded(name), recorded(name))
    assert (result.code, result.err) == (exits.FINE, "")
    assert re.fullmatch(r"\d+ alike(, memory not compared: [\w ()]+)?\n", result.out)


def test_values(vmstate: Command, edited: Edited) -> None:
    path = edited("rtc::cmos_data[0x45]=0xa5", "rtc::periodic_timer=1500000", "cpu::eip=0x7c00", "kvm-tpr-opt::state=0",
                  'globalstate::runstate="running"', "apic::lvt[1:3]=[1, 1]")
    result = vmstate("diff", PC, path)
    assert (result.code, result.err) == (exits.FINDINGS, "")
    assert result.out.splitlines() == [
        "cpu",
        "    eip  0xb7b9 -> 0x7c00",
        "kvm-tpr-opt",
        "    state  2 (STANDBY) -> 0 (INACTIVE)",
        "apic",
        "    lvt[1..2]  0x10000 -> 1",
        "mc146818rtc",
        "    cmos_data[69]   0 -> 0xa5",
        "    periodic_timer  not pending -> 1500000 ns",
        "globalstate",
        f'    runstate  "paused" and 94 {TIMES} 00 -> "running" and 93 {TIMES} 00',
        "5 sections differ, in 6 values, 26 alike"]


def test_json(vmstate: Command, edited: Edited) -> None:
    result = vmstate("diff", "--format", "json", PC, edited("rtc::periodic_timer=5", "apic::lvt[1:3]=[1, 1]"))
    assert result.code == exits.FINDINGS
    assert json.loads(result.out) == {
        "same": False, "removed": [], "added": [],
        "changed": [
            {"section": "apic", "by": "declared", "differences": [
                {"what": "changed", "path": "lvt[1..2]", "before": 0x10000, "after": 1}]},
            {"section": "mc146818rtc", "by": "declared", "differences": [
                {"what": "changed", "path": "periodic_timer", "before": None, "after": 5}]}],
        "alike": 29, "ignored": 0, "ram": {"compared": True, "why": "", "blocks": []}}


def test_other_machines(vmstate: Command) -> None:
    result = vmstate("diff", recorded("q62-72"), recorded("pc52-111"), "--limit", "3")
    assert result.code == exits.FINDINGS
    lines = result.out.splitlines()
    assert "- 0000:00:1f.0/ICH9LPC  18,878 bytes" in lines
    assert any(line.startswith("+ 0000:00:01.0/PIIX3  ") for line in lines)
    assert re.fullmatch(r"    … and \d+ more \(--limit 0 has all\)", next(line for line in lines if "…" in line))
    assert len(vmstate("diff", recorded("q62-72"), recorded("pc52-111"), "--limit", "0").out.splitlines()) > len(lines)
    told = json.loads(vmstate("diff", "--format", "json", recorded("q62-72"), recorded("pc52-111")).out)
    assert {"name", "instance_id", "version", "size"} == set(told["added"][0])


def test_memory(vmstate: Command, made: Callable[[bytes], Path]) -> None:
    path = made(rewritten(stream("pc72-72-nodefaults"), memory={0x123: b"changed"}))
    assert vmstate("diff", PC, path).out.splitlines() == [
        "ram  pc.ram: 1 of 4,096 pages differ", "1 blocks of memory differ, 31 alike"]
    assert vmstate("diff", PC, path, "--ignore", "ram::pc.ram").code == exits.FINE
    assert vmstate("diff", PC, path, "--ignore", "ram").code == exits.FINE


@pytest.mark.parametrize("profile", [Profile("json", False), Profile("cbor", True)], ids=str)
def test_documents(profile: Profile, vmstate: Command, made: Callable[[bytes], Path]) -> None:
    path = made(document(stream("pc72-72-nodefaults"), profile))
    assert vmstate("diff", path, PC).code == vmstate("diff", PC, path).code == exits.FINE
    assert vmstate("diff", path, OTHER) == vmstate("diff", PC, OTHER)


def test_standard_input() -> None:
    told = started("diff", "-", SMALL, data=stream("none-72"))
    assert (told.returncode, told.stdout, told.stderr) == (exits.FINE, b"4 alike\n", b"")
    assert started("diff", SMALL, "-", data=b"").returncode == exits.DAMAGED
    both = started("diff", "-", "-", data=stream("none-72"))
    assert (both.returncode, both.stderr) == (exits.USAGE, b"vmstate: standard input cannot be both sides\n")


def test_colours(vmstate: Command) -> None:
    plain, painted = (vmstate("diff", PC, OTHER, "--color", when).out for when in ("never", "always"))
    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain


# -- what is left out

@pytest.mark.parametrize(("patterns", "left"), [
    ((), 5), (("mc146818rtc",), 2), (("mc146818rtc::*",), 2), (("mc146818rtc::cmos_*",), 3), (("*::*_timer",), 4),
    (("*::cmos_data",), 4), (("mc146818rtc::cmos_data[69]",), 4), (("mc146818rtc::cmos_data[6?]",), 4),
    (("mc146818rtc::cmos",), 5), (("rtc",), 5), (("*",), 0), (("mc146818rtc", "cpu"), 1), (("IDE::x", "e1000"), 5),
    (("PIIX3",), 4), (("[a-z]*",), 5),
])
def test_patterns(patterns: tuple[str, ...], left: int, vmstate: Command, edited: Edited) -> None:
    path = edited("rtc::cmos_data[0x45]=0xa5", "rtc::cmos_index=1", "rtc::periodic_timer=1", "cpu::eip=1",
                  "0000:00:01.0/PIIX3::parent.config[0]=1")
    ignoring = [part for one in patterns for part in ("--ignore", one)]
    told = json.loads(vmstate("diff", "--format", "json", PC, path, *ignoring).out)
    assert sum(len(one["differences"]) for one in told["changed"]) == left
    assert told["ignored"] == 5 - left
    assert told["same"] is (left == 0)


@pytest.mark.parametrize(("name", "text"), [
    ("vmstate.toml", '[diff]\nignore = ["mc146818rtc", "cpu::eip"]\n'),
    ("pyproject.toml", '[tool.vmstate.diff]\nignore = ["mc146818rtc", "cpu::eip"]\n'),
])
def test_the_configuration(
    name: str, text: str, vmstate: Command, edited: Edited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = edited("rtc::cmos_index=1", "cpu::eip=1")
    (file := tmp_path / name).write_text(text)
    assert vmstate("diff", PC, path, "--config", file).code == exits.FINE
    (inner := tmp_path / "inner").mkdir()
    monkeypatch.chdir(inner)
    assert vmstate("diff", PC, path).out == "31 alike, 2 ignored\n"
    assert vmstate("compare", "devices", "devices", "--device", "mc146818rtc").code == exits.FINE


@pytest.mark.parametrize("text", [
    "[diff]\nignore = 3\n", "[diff]\nignore = [3]\n", "diff = 3\n", "[diff]\nignores = []\n", "[diff\n",
])
def test_a_configuration_that_is_none(text: str, vmstate: Command, tmp_path: Path) -> None:
    (file := tmp_path / "vmstate.toml").write_text(text)
    result = vmstate("diff", PC, PC, "--config", file)
    assert (result.code, result.out) == (exits.USAGE, "")
    assert str(file) in result.err
    assert result.err.count("\n") == 1


# -- mistakes

@pytest.mark.parametrize("case", DAMAGED)
def test_damaged(case: str, vmstate: Command, made: Callable[[bytes], Path]) -> None:
    path = made(DAMAGED[case][0])
    for sides in ((path, SMALL), (SMALL, path), (path, path)):
        result = vmstate("diff", *sides)
        assert result.code in (exits.FINE, exits.FINDINGS, DAMAGED[case][1])
        assert (result.out == "") is (result.code >= exits.USAGE)
        assert result.err.count("\n") == (result.code >= exits.USAGE)
        assert "Traceback" not in result.err


def test_other_files(vmstate: Command, tmp_path: Path) -> None:
    channel = next((CORPUS / "channels").iterdir())
    for path, words in {channel: "it is no main stream, but a ", tmp_path / "none": "No such file"}.items():
        result = vmstate("diff", SMALL, path)
        assert (result.code, result.out) == (exits.USAGE, "")
        assert result.err.startswith(f"vmstate: {path}: {words}")


@pytest.mark.parametrize("arguments", [
    ("diff",), ("diff", "x"), ("diff", "x", "y", "z"), ("diff", "x", "y", "--limit", "-1"),
    ("diff", "x", "y", "--limit", "a"), ("get", "x"), ("set",),
])
def test_usage(arguments: tuple[str, ...], vmstate: Command) -> None:
    result = vmstate(*arguments)
    assert result.code == exits.USAGE
    assert result.err.startswith("usage: vmstate")
