"""The command that takes all recorded files through every format: what it says, and that it would notice."""

from pathlib import Path
from shutil import copy

import pytest

from tests.damage import originals
from tests.documents import __main__ as command
from tests.documents.rounds import PROFILES, Differs, Same, returned
from tests.migration.recorded import packed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of recorded files."""
    for name in ("none-72", "tricore-100"):
        copy(packed(name), tmp_path)
    monkeypatch.setenv("VMSTATE_CORPUS", str(tmp_path))
    monkeypatch.setattr(command, "files", originals.files.__wrapped__)  # of now, not of the first time
    return tmp_path


def test_all_of_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main() == 0
    *profiles, last = capsys.readouterr().out.splitlines()
    assert [line.partition("  ")[0] for line in profiles] == [str(one) for one in PROFILES]
    assert all("2 of 2 files came back the same" in line for line in profiles)
    assert last.startswith("2 files in ")


def test_a_file_that_does_not_come_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "text.qemu").write_text("this is none")
    assert command.main() == 1
    out = capsys.readouterr().out
    assert all(f"text.qemu as {one}: " in out for one in PROFILES)
    assert out.count("2 of 3 files came back the same") == len(PROFILES)


def test_one_file() -> None:
    for profile in PROFILES:
        found = returned(packed("none-72"), profile)
        assert (found.size, found.trouble) == (1013, "")
        assert found.written > 500


def told(parts: list[bytes]) -> None:
    """A comparison with `abc`, part by part."""
    same = Same(b"abc")
    for part in parts:
        same(part)
    same.end()


def test_what_is_the_same() -> None:
    told([b"a", b"", b"bc"])


@pytest.mark.parametrize("parts", [[b"abd"], [b"ab"], [b"abc", b"d"], []])
def test_what_is_not_is_noticed(parts: list[bytes]) -> None:
    with pytest.raises(Differs):
        told(parts)
