"""`convert`: into every form and back, what a reader does not know, and what is left behind when it goes wrong."""

import json
import os
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from devices.catalogue import registry
from migration.documents import format_of
from migration.documents.reading import Document
from tests.cli.command import COMMAND, Command, Result, recorded, started
from tests.documents.edits import Change, added, changed
from tests.documents.rounds import PROFILES, Profile, document
from tests.migration.recorded import stream
from vmstate_cli import exits

Made = Callable[[bytes, str], Path]

NAME = "pc72-72-nodefaults"
EVERY = pytest.mark.parametrize("profile", PROFILES, ids=str)
SKIPPED: Change = added("hpet", "?mood:u8", 3)
DEEP: Change = added("hpet", "?mood:{}", {"why:b2": b"\1\1", "?since:time": None})
UNKNOWN: Change = added("hpet", "mood:u8", 3)
INSIDE: Change = added("fw_cfg", "mood:u8", 3, "fw_cfg/dma:{}")


def how(profile: Profile) -> tuple[str, ...]:
    """The options that ask for it."""
    return "--to", profile.form, "--profile", "compact" if profile.folded else "named"


@pytest.fixture
def convert(vmstate: Command, tmp_path: Path) -> Callable[..., tuple[Result, bytes | None]]:
    """Converts, and says what came out; None where there is no file."""
    def run(*arguments: str | Path) -> tuple[Result, bytes | None]:
        out = tmp_path / "out"
        out.unlink(missing_ok=True)
        result = vmstate("convert", *arguments, "-o", out)
        return result, out.read_bytes() if out.exists() else None
    return run


Convert = Callable[..., tuple[Result, bytes | None]]


def is_told(result: Result, file: str | Path, *words: str, code: int = exits.DAMAGED) -> None:
    """One line, about this file, with these words."""
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith(f"vmstate: {file}: ")
    assert result.err.count("\n") == 1
    assert [word for word in words if word not in result.err] == []


def left(folder: Path) -> set[str]:
    """What is in a folder, hidden files too."""
    return {path.name for path in folder.iterdir()}


# -- forms

@EVERY
def test_into_every_form_and_back(profile: Profile, convert: Convert, made: Made) -> None:
    result, there = convert(recorded(NAME), *how(profile))
    assert result == Result(exits.FINE, "", "")
    assert there == document(stream(NAME), profile)
    assert format_of(there) == profile.form
    back, data = convert(made(there, "a name that tells nothing"))
    assert back == Result(exits.FINE, "", "")
    assert data == stream(NAME)


def test_a_stream_written_again(convert: Convert) -> None:
    assert convert(recorded(NAME), "--to", "qemufile") == (Result(exits.FINE, "", ""), stream(NAME))


@EVERY
def test_one_after_the_other_is_as_at_once(profile: Profile, convert: Convert, made: Made) -> None:
    for other in PROFILES:
        _, found = convert(made(document(stream("none-72"), other), "document"), *how(profile))
        assert found == document(stream("none-72"), profile), str(other)


@EVERY
def test_standard_input_and_output(profile: Profile, tmp_path: Path) -> None:
    there = started("convert", "-", "-o", "-", *how(profile), data=stream("none-72"))
    assert (there.returncode, there.stderr) == (exits.FINE, b"")
    assert there.stdout == document(stream("none-72"), profile)
    back = started("convert", "-", "--output", "-", data=there.stdout)
    assert (back.returncode, back.stdout, back.stderr) == (exits.FINE, stream("none-72"), b"")


def test_over_itself(vmstate: Command, made: Made) -> None:
    path = made(stream(NAME), "guest")
    assert vmstate("convert", path, "-o", path, "--to", "cbor").code == exits.FINE
    assert path.read_bytes() == document(stream(NAME), Profile("cbor", False))
    assert vmstate("convert", path, "-o", path).code == exits.FINE
    assert path.read_bytes() == stream(NAME)
    assert left(path.parent) == {"guest"}


def test_a_new_file_has_the_usual_mode(convert: Convert, tmp_path: Path) -> None:
    convert(recorded("none-72"))
    usual = tmp_path / "usual"
    usual.touch()
    assert (tmp_path / "out").stat().st_mode == usual.stat().st_mode


# -- by hand

def test_a_document_changed_by_hand(convert: Convert, vmstate: Command, made: Made, tmp_path: Path) -> None:
    text = document(stream(NAME), Profile("json", False))
    path = made(text.replace(b'"cpu_ticks_offset:i64":', b'"cpu_ticks_offset:i64": 1'), "edited.json")
    result, data = convert(path)
    is_told(result, path, "timer", "--edited")
    assert data is None
    result, data = convert(path, "--edited")
    assert result == Result(exits.FINE, "", "")
    assert data is not None
    (old, new) = (json.loads(vmstate("show", file, "timer", "--format", "json").out)["sections"][0]["state"]
                  for file in (recorded(NAME), tmp_path / "out"))
    key = next(iter(old))
    assert new == {**old, key: new[key]}
    assert str(new[key]["value"] if isinstance(new[key], dict) else new[key]).startswith("1")


@EVERY
def test_edited_asks_for_all_the_rest(profile: Profile, convert: Convert, made: Made) -> None:
    for change, words in ((UNKNOWN, ("hpet", "mood:u8")), (INSIDE, ("fw_cfg", "fw_cfg/dma", "mood:u8"))):
        path = made(changed(document(stream(NAME), profile), change), "document")
        result, data = convert(path, "--edited")
        is_told(result, path, *words)
        assert data is None


# -- what nobody knows

@EVERY
def test_what_must_be_understood_is_refused_by_name_and_path(profile: Profile, convert: Convert, made: Made) -> None:
    path = made(changed(document(stream(NAME), profile), UNKNOWN), "document")
    result, data = convert(path)
    is_told(result, path, "hpet", "'mood:u8' must be understood")
    assert data is None
    result, data = convert(path, "--drop-unknown")
    is_told(result, path, "hpet", "'mood:u8' must be understood")
    assert data is None


@pytest.mark.parametrize("change", [SKIPPED, DEEP], ids=["value", "record"])
@EVERY
def test_what_may_be_skipped(profile: Profile, change: Change, convert: Convert, made: Made) -> None:
    """QEMU's form has no place for it: refused, or left out when that is asked for."""
    path = made(changed(document(stream(NAME), profile), change), "document")
    result, data = convert(path)
    is_told(result, path, "hpet", "mood")
    assert data is None
    result, data = convert(path, "--drop-unknown")
    assert data == stream(NAME)
    assert (result.code, result.out) == (exits.FINE, "")
    assert f"vmstate: {path}: hpet: mood was dropped: QEMU's stream has no place for it\n" in result.err
    assert all(line.startswith(f"vmstate: {path}: hpet: ") for line in result.err.splitlines())


@pytest.mark.parametrize("change", [SKIPPED, DEEP], ids=["value", "record"])
@EVERY
def test_a_chain_of_formats_keeps_it(profile: Profile, change: Change, convert: Convert, made: Made) -> None:
    first = data = changed(document(stream(NAME), profile), change)
    chain = [profile, *(one for one in PROFILES if one != profile), profile]
    for _, other in pairwise(chain):
        result, found = convert(made(data, "document"), *how(other))
        assert result == Result(exits.FINE, "", "")
        assert found is not None
        data = found
    assert [*Document(data, registry()).items()] == [*Document(first, registry()).items()]


# -- what goes wrong

def test_without_output(vmstate: Command) -> None:
    is_told(vmstate("convert", recorded(NAME), "--to", "cbor"), recorded(NAME), "-o", code=exits.USAGE)


@pytest.mark.parametrize("arguments", [
    (), ("x", "y"), ("x", "--to"), ("x", "--to", "xml"), ("x", "--profile", "short"), ("x", "--bad"), ("x", "-o"),
    ("x", "--edited=yes"),
], ids=" ".join)
def test_usage(arguments: tuple[str, ...], vmstate: Command) -> None:
    result = vmstate("convert", *arguments)
    assert (result.code, result.out) == (exits.USAGE, "")
    assert result.err.startswith("usage: vmstate ")
    assert "Traceback" not in result.err


def test_a_file_that_is_none(convert: Convert, made: Made, tmp_path: Path) -> None:
    for path, code in ((tmp_path / "missing", exits.USAGE), (tmp_path, exits.USAGE),
                       (made(b"", "empty"), exits.DAMAGED), (made(b"text of some length\n" * 9, "text"), exits.DAMAGED),
                       (made(b"QEVM\0\0\0\x02", "old"), exits.UNSUPPORTED)):
        result, data = convert(path, "--to", "json")
        is_told(result, path, code=code)
        assert data is None


@EVERY
def test_a_stream_cut_short(profile: Profile, convert: Convert, made: Made, tmp_path: Path) -> None:
    data = stream(NAME)
    for size in (5, 300, len(data) // 2, len(data) - 40_000):
        path = made(data[:size], "cut")
        result, found = convert(path, *how(profile))
        is_told(result, path)
        assert found is None
        assert left(tmp_path) == {"cut"}


@EVERY
def test_a_document_cut_short(profile: Profile, convert: Convert, made: Made, tmp_path: Path) -> None:
    data = document(stream(NAME), profile)
    for size in (5, 300, len(data) // 2, len(data) - 1):
        path = made(data[:size], "cut")
        for target in ((), ("--to", "json")):
            result, found = convert(path, *target)
            is_told(result, path)
            assert found is None
            assert left(tmp_path) == {"cut"}


def test_what_was_there_stays_when_it_goes_wrong(vmstate: Command, made: Made, tmp_path: Path) -> None:
    cut, out = made(stream(NAME)[:300_000], "cut"), made(b"what was there", "out")
    before = out.stat()
    assert vmstate("convert", cut, "-o", out, "--to", "cbor").code == exits.DAMAGED
    assert out.read_bytes() == b"what was there"
    assert (out.stat().st_ino, out.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert left(tmp_path) == {cut.name, out.name}


def test_an_output_that_cannot_be(vmstate: Command, tmp_path: Path) -> None:
    """It is the output that the line is about."""
    for out in (tmp_path / "missing" / "out", tmp_path):
        result = vmstate("convert", recorded("none-72"), "-o", out)
        assert (result.code, result.out, result.err.count("\n")) == (exits.USAGE, "", 1)
        assert str(out) in result.err
        assert left(tmp_path) == set()


@pytest.mark.skipif(os.geteuid() == 0, reason="this user may write anywhere")
def test_a_folder_that_is_only_read(vmstate: Command, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o555)
    result = vmstate("convert", recorded("none-72"), "-o", folder / "out")
    assert (result.code, result.out, result.err.count("\n")) == (exits.USAGE, "", 1)
    assert left(folder) == set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk(vmstate: Command) -> None:
    with Path("/dev/full").open("wb") as full:
        told = subprocess.run([*COMMAND, "convert", str(recorded(NAME)), "-o", "-"], stdout=full,
                              stderr=subprocess.PIPE, check=False)
    assert told.returncode == exits.USAGE
    assert told.stderr.count(b"\n") == 1
    assert b"No space left" in told.stderr


def test_nothing_on_standard_output_but_the_result() -> None:
    told = started("convert", "-", "-o", "-", "--drop-unknown",
                   data=changed(document(stream(NAME), Profile("cbor", False)), SKIPPED))
    assert (told.returncode, told.stdout) == (exits.FINE, stream(NAME))
    assert b"mood was dropped" in told.stderr
