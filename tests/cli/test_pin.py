"""`vmstate pin`, and `vmstate replay --pinned`: what a release wrote, loaded by today's declarations."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.catalogue import registry
from tests.cli.command import ROOT, Command
from vmstate_cli import exits
from vmstate_cli.pinning import content, stored
from vmstate_cli.schema import records

FIRST = '''
from vmstate import state, uint8, uint16, uint32, boolean, subsection

@state("lamp", version=1)
class Lamp:
    red: int = uint8()
    green: int = uint16()
    serial: int = uint32()
'''
NEXT = FIRST.replace("version=1", "version=2, minimum=1") + "    blue: int = uint8(reset=7, since=2)\n"
SWAPPED = FIRST.replace("    red: int = uint8()\n", "").replace("uint16()\n", "uint16()\n    red: int = uint8()\n")
RENAMED = FIRST.replace("serial:", "number:")
LONGER = FIRST + "    blue: int = uint8()\n"
HOOKED = FIRST.replace("import state", "import post_load, state") + '''
    @post_load
    def _clears(self, version: int) -> None:
        self.serial = 0
'''
CONVERTED = HOOKED.replace("version=1", "version=2, minimum=1")
REFUSING = FIRST.replace("import state", "import HookRefused, post_load, state") + '''
    @post_load
    def _refuses(self, version: int) -> None:
        raise HookRefused("no such lamp")
'''
GONE = FIRST.replace('"lamp"', '"torch"')


class Project:
    """A folder with declarations, and what is pinned of them."""

    def __init__(self, folder: Path, vmstate: Command) -> None:
        self.folder, self.pinned, self._vmstate, self._count = folder, folder / "golden", vmstate, 0
        self.file = folder

    def declares(self, text: str) -> None:
        self._count += 1
        self.file = self.folder / f"lamps{self._count}.py"
        self.file.write_text(text, "utf-8")

    def pin(self, release: str) -> tuple[int, str]:
        result = self._vmstate("pin", "--onto", self.file, "--out", self.pinned, "--release", release)
        return result.code, result.out + result.err

    def replay(self, *more: str) -> tuple[int, str]:
        result = self._vmstate("replay", "--pinned", self.pinned, "--onto", self.file, *more)
        return result.code, result.out + result.err

    def files(self) -> dict[str, bytes]:
        return {path.relative_to(self.pinned).as_posix(): path.read_bytes()
                for path in sorted(self.pinned.rglob("*")) if path.is_file()}


@pytest.fixture
def project(tmp_path: Path, vmstate: Command) -> Iterator[Project]:
    """What is imported from there is forgotten again."""
    known, path = set(sys.modules), list(sys.path)
    yield Project(tmp_path, vmstate)
    sys.path[:] = path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def test_one_release(project: Project) -> None:
    project.declares(FIRST)
    code, told = project.pin("1.0")
    assert (code, told.startswith("1 pinned, ")) == (exits.FINE, True)
    files = project.files()
    assert [*files] == ["1.0/lamp.v1.ber", "1.0/lamp.v1.cbor", "1.0/lamp.v1.qemu"]
    assert len(files["1.0/lamp.v1.qemu"]) == 7
    assert any(files["1.0/lamp.v1.qemu"])  # not as after reset
    assert b"serial" in files["1.0/lamp.v1.cbor"]
    assert project.replay() == (exits.FINE, "1 pinned states load\n")


def test_the_same_again_is_not_stored_again(project: Project) -> None:
    project.declares(FIRST)
    project.pin("1.0")
    before = project.files()
    for release in ("1.0", "1.1"):
        assert project.pin(release) == (exits.FINE, "0 pinned, 0 bytes; 1 as before\n")
    assert project.files() == before


def test_a_version_more_is_stored_beside(project: Project) -> None:
    project.declares(FIRST)
    project.pin("1.0")
    before = project.files()
    project.declares(NEXT)
    assert project.pin("1.1")[0] == exits.FINE
    assert [*project.files()] == [*before, "1.1/lamp.v2.ber", "1.1/lamp.v2.cbor", "1.1/lamp.v2.qemu"]
    code, told = project.replay()
    assert (code, told.splitlines()) == (exits.FINE, [
        "converted  1.0/lamp version 1", "  defaulted  blue  7", "2 pinned states load"])


def test_what_a_release_has_is_never_written_over(project: Project) -> None:
    project.declares(FIRST)
    project.pin("1.0")
    before = project.files()
    project.declares(LONGER)
    code, told = project.pin("1.0")
    assert code == exits.FINDINGS
    assert "1.0 has another state of version 1" in told
    assert project.files() == before


@pytest.mark.parametrize(("text", "words"), [
    (SWAPPED, "qemu: its values are others than CBOR has"),  # which QEMU's bytes alone would not tell
    (RENAMED, "cbor: "), (LONGER, "qemu: "), (REFUSING, "no such lamp"), (HOOKED, "changed  serial"),
    (GONE, "device: nothing declares it"),
], ids=["swapped", "renamed", "longer", "refusing", "hooked", "gone"])
def test_what_breaks_it(project: Project, text: str, words: str) -> None:
    project.declares(FIRST)
    project.pin("1.0")
    project.declares(text)
    code, told = project.replay()
    assert code == exits.FINDINGS
    assert words in told


def test_a_hook_may_convert_an_older_version(project: Project) -> None:
    project.declares(FIRST)
    project.pin("1.0")
    project.declares(CONVERTED)
    code, told = project.replay()
    assert code == exits.FINE
    assert "converted  1.0/lamp version 1\n  changed  serial  " in told


def test_a_file_that_is_missing_or_damaged(project: Project) -> None:
    project.declares(FIRST)
    project.pin("1.0")
    (project.pinned / "1.0/lamp.v1.ber").write_bytes(b"\x31\x80")
    code, told = project.replay()
    assert (code, "\n  ber: " in told) == (exits.FINDINGS, True)
    (project.pinned / "1.0/lamp.v1.ber").unlink()
    (project.pinned / "1.0/lamp.v1.cbor").unlink()
    code, told = project.replay()
    assert (code, "cbor: its file is missing" in told) == (exits.FINDINGS, True)


def test_as_json(project: Project) -> None:
    project.declares(FIRST)
    project.pin("1.0")
    project.declares(NEXT)
    code, told = project.replay("--format", "json")
    assert code == exits.FINE
    assert json.loads(told) == {"ok": True, "pinned": [{
        "release": "1.0", "device": "lamp", "version": 1, "newest": 2, "ok": True, "errors": {},
        "changes": [{"what": "defaulted", "path": "blue", "before": "", "after": "7"}]}]}


@pytest.mark.parametrize("arguments", [
    ("pin",), ("pin", "--release", "../up"), ("pin", "--release", "a/b"), ("pin", "nonsense", "--release", "1"),
    ("replay", "--pinned", "missing"), ("pin", "--release", "1", "--onto", "no_such_module"),
], ids=" ".join)
def test_usage(arguments: tuple[str, ...], vmstate: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = vmstate(*arguments)
    assert (result.code, result.out, result.err.count("\n")) == (exits.USAGE, "", 1)
    assert list(tmp_path.iterdir()) == []


# -- this project's own

GOLDEN = ROOT / "tests" / "golden"


def test_every_device_is_pinned() -> None:
    pinned = {(one.stem, one.version) for _, one in stored(GOLDEN)}
    assert {(stem, record.version) for stem, record in records(registry(), ())} <= pinned


def test_the_pinned_states_are_small() -> None:
    assert sum(path.stat().st_size for path in GOLDEN.rglob("*") if path.is_file()) < 1_500_000


def test_all_of_them_load(vmstate: Command) -> None:
    result = vmstate("replay", "--pinned", GOLDEN)
    assert (result.code, result.err) == (exits.FINE, "")


def test_few_are_as_after_reset() -> None:
    """All that this one has both ends must have alike."""
    from visitors import qemufile
    from vmstate import save

    plain = {stem: save(record.make(), qemufile) for stem, record in records(registry(), ())}
    found = {one.stem for _, one in stored(GOLDEN) if one.forms["qemu"] == plain[one.stem]}
    assert found <= {"gus", "virtio-mem-device-early"}


def test_long_ones_are_packed(tmp_path: Path) -> None:
    packed = next(GOLDEN.rglob("e1000.*.qemu.gz"))
    assert len(content(packed)) > 100_000
    assert packed.stat().st_size < 6000
