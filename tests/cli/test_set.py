"""`vmstate set`: another file with other values, and what is left behind when it goes wrong: nothing."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Command, Result, recorded, started
from tests.cli.test_damaged import DAMAGED
from tests.documents.rounds import Profile, document
from tests.migration.recorded import CORPUS, NAMES, stream
from vmstate_cli import exits

PC, SMALL = "pc72-72-nodefaults", "none-72"
CLOCK = 0x79490
CHANNELS = sorted((CORPUS / "channels").iterdir())

Edit = Callable[..., tuple[Result, bytes | None]]


@pytest.fixture
def edit(vmstate: Command, tmp_path: Path) -> Edit:
    """Runs the command, and says what came out; None where there is no file. Nothing else is left there."""
    def run(*arguments: str | Path) -> tuple[Result, bytes | None]:
        (folder := tmp_path / "out").mkdir(exist_ok=True)
        out = folder / "edited"
        out.unlink(missing_ok=True)
        result = vmstate("set", *arguments, "-o", out)
        assert {path.name for path in folder.iterdir()} <= {"edited"}
        return result, out.read_bytes() if out.exists() else None
    return run


@pytest.mark.parametrize("name", NAMES)
def test_nothing(name: str, edit: Edit) -> None:
    assert edit(recorded(name)) == (Result(exits.FINE, "", ""), stream(name))


def test_values(edit: Edit, vmstate: Command, made: Callable[[bytes], Path]) -> None:
    result, data = edit(recorded(PC), "rtc::cmos_data[0x45]=0xa5", "rtc::cmos_index=0x10", "cpu::regs[1:3]=[1, 2]",
                        'globalstate::runstate="running"')
    assert result == Result(exits.FINE, "", "")
    assert data is not None
    assert data[CLOCK + 0x45] == 0xA5
    path = made(data)
    told = vmstate("get", path, "rtc::cmos_index", "cpu::regs[2]", "globalstate::runstate").out
    assert [line.split()[2] for line in told.splitlines()] == ["16", "2", '"running"']
    assert vmstate("verify", path).code == exits.FINE
    assert vmstate("diff", recorded(PC), path).out.count(" -> ") == 5


def test_the_mode_of_the_file_is_a_new_ones(edit: Edit, tmp_path: Path) -> None:
    assert edit(recorded(SMALL))[0].code == exits.FINE
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "out" / "edited").stat().st_mode & 0o777 == 0o666 & ~mask


def test_pipes() -> None:
    packed = recorded(SMALL).read_bytes()
    told = started("set", "-", "timer::cpu_ticks_offset=1", "-o", "-", data=packed)
    assert (told.returncode, told.stderr) == (0, b"")
    assert len(told.stdout) == len(stream(SMALL))
    back = started("set", "-", f"timer::cpu_ticks_offset={_ticks()}", "-o", "-", data=told.stdout)
    assert back.stdout == stream(SMALL)
    wrong = started("set", "-", "timer::cpu_ticks_offset=x", "-o", "-", data=packed)
    assert (wrong.returncode, wrong.stdout) == (exits.USAGE, b"")


def _ticks() -> int:
    told = started("get", "-", "timer::cpu_ticks_offset", data=stream(SMALL))
    return int(told.stdout.split()[0], 0)


@pytest.mark.parametrize("profile", [Profile("json", False), Profile("cbor", True)], ids=str)
def test_a_document_comes_out_as_a_stream(profile: Profile, edit: Edit, made: Callable[..., Path]) -> None:
    path = made(document(stream(PC), profile))
    assert edit(path)[1] == stream(PC)
    assert edit(path, "rtc::cmos_index=1")[1] == edit(recorded(PC), "rtc::cmos_index=1")[1]


def test_compressed(edit: Edit, made: Callable[..., Path]) -> None:
    assert edit(made(gzip.compress(stream(SMALL))))[1] == stream(SMALL)


# -- mistakes

@pytest.mark.parametrize(("values", "words"), [
    (["rtc::cmos_index=300"], "mc146818rtc::cmos_index: expected uint8, got 300"),
    (["rtc::cmos_index=x"], "mc146818rtc::cmos_index: 'x' is no number"),
    (["rtc::cmos_index="], "'' is no number"),
    (["rtc::cmos_index=1", "rtc::cmos_indx=1"], "no cmos_indx; there is cmos_index"),
    (["rtc::cmos_index"], "rtc::cmos_index: PLACE=VALUE is wanted"),
    (["=1"], "=1: PLACE=VALUE is wanted"),
    (["rtc=1"], "mc146818rtc: an object of members is wanted"),
    (["ram::pc.ram=1"], "guest memory"),
    (["nobody::x=1"], "no section nobody"),
    (["cpu@4::eip=1"], "no section cpu@4"),
    (["cpu::long_bits=32"], "it is a setting"),
    (["rtc::cmos_data[1:2]=0102"], "2 bytes for 1"),
    (["cpu::segs[1]={\"base\": []}"], "cpu::segs[1].base: one value is wanted"),
    (["cpu::segs[1]=" + '{"a":' * 3000], "nested too deep"),
    (["rtc::cmos_index=0x" + "f" * 200_00], "an integer of 80000 bits"),
    (["kvm-tpr-opt::state=ACTIV"], "is no VapicState (there is ACTIVE"),
    (["\x1b[2J::x=1"], "no section \\x1b[2J"),
])
def test_a_value_that_is_none(values: list[str], words: str, edit: Edit) -> None:
    result, data = edit(recorded(PC), *values)
    assert (result.code, result.out, data) == (exits.USAGE, "", None)
    assert words in result.err
    assert result.err.count("\n") == 1
    assert len(result.err) < 1200


def test_where_to(vmstate: Command, made: Callable[[bytes], Path], tmp_path: Path) -> None:
    path = made(stream(SMALL))
    (link := tmp_path / "link").symlink_to(path)
    for out, words in {path: "never changed in place", link: "never changed in place", tmp_path: "Is a directory",
                       tmp_path / "no" / "file": "No such file or directory"}.items():
        result = vmstate("set", path, "timer::cpu_ticks_offset=1", "-o", out)
        assert (result.code, result.out) == (exits.USAGE, "")
        assert words in result.err
    assert vmstate("set", path, "timer::cpu_ticks_offset=1").err.endswith("-o - is standard output\n")
    assert vmstate("set", tmp_path / "nothing", "-o", tmp_path / "new").code == exits.USAGE
    assert path.read_bytes() == stream(SMALL)
    assert {one.name for one in tmp_path.iterdir()} == {"made.qemu", "link"}


def test_what_was_there_stays_until_all_is_well(vmstate: Command, tmp_path: Path) -> None:
    (out := tmp_path / "out").write_bytes(b"old")
    assert vmstate("set", recorded(PC), "rtc::cmos_index=300", "-o", out).code == exits.USAGE
    assert out.read_bytes() == b"old"
    assert vmstate("set", recorded(PC), "rtc::cmos_index=30", "-o", out).code == exits.FINE
    assert len(out.read_bytes()) == len(stream(PC))


@pytest.mark.parametrize("path", CHANNELS, ids=lambda path: path.name)
def test_another_file_of_a_migration(path: Path, edit: Edit) -> None:
    result, data = edit(path, "x=1")
    assert (result.code, data) == (exits.USAGE, None)
    assert "it is no main stream, but a " in result.err


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged(case: str, edit: Edit, made: Callable[[bytes], Path]) -> None:
    data, _ = DAMAGED[case]
    result, out = edit(made(data))
    assert "Traceback" not in result.err
    assert (out == data) is (result.code in (exits.FINE, exits.FINDINGS))
    assert (out is None) is (result.code in (exits.DAMAGED, exits.UNSUPPORTED))


def test_what_a_destination_would_refuse(edit: Edit) -> None:
    result, data = edit(recorded(PC), "cpu::fpregs_format=1")
    assert (result.code, result.out) == (exits.FINDINGS, "")
    assert "a destination would refuse it: cpu: x87 registers in a host's own format" in result.err
    assert data is not None
