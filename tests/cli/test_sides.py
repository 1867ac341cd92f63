"""What `vmstate compare` takes as a side: each kind of argument, and what is said of one that is none."""

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from devices.catalogue import registry
from migration.stream import trailer
from tests.describe.dumps import FOLDER, description, dump, field, text
from tests.documents.rounds import PROFILES, Profile, document
from tests.migration.recorded import packed, stream
from visitors import schema
from vmstate.compat.comparing import compare_sides
from vmstate.errors import DecodeError
from vmstate_cli.schema import records
from vmstate_cli.sides import side
from vmstate_cli.trouble import Unusable

STREAM = "pc72-72-nodefaults"
DUMP = "7.2-x86_64-microvm"

STATE = '''
from vmstate import nested, state, uint8, uint16

@state("inner")
class Inner:
    a: int = uint8()

@state("dev/ice", version=2)
class Device:
    inner: Inner = nested(Inner)
    b: int = uint16()
'''


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder; what is imported from there is forgotten again."""
    monkeypatch.chdir(tmp_path)
    known, path = set(sys.modules), list(sys.path)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


# -- files

def test_a_dump(here: Path) -> None:
    found = side(str(FOLDER / f"{DUMP}.json.zst"))
    assert (found.machine, len(found.parts)) == ("microvm", 213)
    (here / "plain.json").write_bytes(text(DUMP))
    assert all(one.same_as(other) for one, other in zip(side("plain.json").parts, found.parts, strict=True))


def test_a_stream() -> None:
    found = side(str(packed(STREAM)))
    assert found.machine == "pc-i440fx-7.2"
    assert found.knows == {"counts", "types"}
    described = [(part.key, part.instance, part.name) for part in found.parts]
    assert ("0000:00:00.0/I440FX", 0, "I440FX") in described
    assert all(part.record is not None for part in found.parts)


def test_a_stream_without_description() -> None:
    """It is as it was decoded."""
    found = side(str(packed("opt-suppress-vmdesc-72")))
    assert "mc146818rtc" in [one.key for one in found.parts]


def test_a_description_alone(here: Path) -> None:
    data = stream(STREAM)
    begin, end = trailer.find(data) or (0, 0)
    (here / "trailer.json").write_bytes(data[begin:end])
    assert [one.key for one in side("trailer.json").parts] == [one.key for one in side(str(packed(STREAM))).parts]


@pytest.mark.parametrize("profile", PROFILES, ids=str)
def test_a_stream_as_a_document(here: Path, profile: Profile) -> None:
    (here / "document").write_bytes(document(stream(STREAM), profile))
    assert [one.key for one in side("document").parts] == [one.key for one in side(str(packed(STREAM))).parts]


def test_a_schema(here: Path) -> None:
    put(here / "hpet.json", schema.text(registry().named("hpet")[0]))
    (part,) = side("hpet.json").parts
    assert (part.key, part.name) == ("hpet", "hpet")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(dump(field("a")))))
    (part,) = side("-").parts
    assert part.key == "dev"


@pytest.mark.parametrize(("name", "content", "why"), [
    ("empty", b"", "neither a dump"), ("text", b"hello", "neither a dump"), ("json", b"[]", "neither a dump"),
    ("braces", b"{}", "describes nothing"), ("cut", b'{"a": ', "is no JSON"),
    ("schema", b'{"$schema": "x"}', "describes no device"), ("devices", b'{"devices": 1}', "list belongs"),
])
def test_a_file_that_is_nothing(here: Path, name: str, content: bytes, why: str) -> None:
    (here / f"{name}.x").write_bytes(content)
    with pytest.raises((Unusable, DecodeError), match=f"^{name}.x: .*{why}"):
        side(f"{name}.x")


def test_a_file_that_cannot_be_opened(here: Path) -> None:
    with pytest.raises(Unusable, match=r"^no/where\.json: No such file"):
        side("no/where.json")
    with pytest.raises(Unusable, match=r"^nowhere: neither a file nor a module$"):
        side("nowhere")


# -- folders and revisions

def test_a_folder_of_schemas(here: Path) -> None:
    for name, record in records(registry(), ["hpet", "e1000", "vga"]):
        put(here / "out" / f"{name}.json", schema.text(record))
    found = side("out")
    assert [part.key for part in found.parts] == ["e1000", "hpet", "vga.PciVga", "vga.Vga"]
    (here / "empty").mkdir()
    with pytest.raises(Unusable, match="empty: no schemas"):
        side("empty")


def test_ours_are_what_their_schemas_say(here: Path) -> None:
    for name, record in records(registry(), ()):
        put(here / "out" / f"{name}.json", schema.text(record))
    ours, stored = side("devices"), side("out")
    assert {part.key for part in ours.parts} == {part.key for part in stored.parts}
    assert compare_sides(ours, stored).findings == ()


def git(*arguments: str) -> None:
    who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_revision(here: Path) -> None:
    with pytest.raises(Unusable, match="no git repository is here"):
        side("git:HEAD")
    git("init", "-q")
    old, new = (registry().named(name)[0] for name in ("hpet", "e1000"))
    put(here / "schema_out" / "device.json", schema.text(old))
    put(here / "other" / "device.json", schema.text(new))
    put(here / "schema_out" / "asn1" / "device.asn1", "text")
    git("add", ".")
    git("commit", "-qm", "one")
    put(here / "schema_out" / "device.json", schema.text(new))
    git("commit", "-qam", "two")
    assert [[part.name for part in side(one).parts] for one in ("git:HEAD~1", "git:HEAD", "git:HEAD~1:other")] == [
        ["hpet"], ["e1000"], ["e1000"]]
    for wrong, why in (("git:nope", "no revision nope"), ("git:", "no revision ''"), ("git:--help", "no revision"),
                       ("git:HEAD:none", "HEAD has no none"), ("git:HEAD:schema_out/asn1", "no schemas")):
        with pytest.raises(Unusable, match=why):
            side(wrong)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_revision_from_a_folder_within(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q")
    put(here / "schema_out" / "device.json", schema.text(registry().named("hpet")[0]))
    git("add", ".")
    git("commit", "-qm", "one")
    (here / "docs").mkdir()
    monkeypatch.chdir(here / "docs")
    assert [part.name for part in side("git:HEAD").parts] == ["hpet"]


def test_no_git(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(here))
    with pytest.raises(Unusable, match="git is not installed"):
        side("git:HEAD")


# -- declarations

def test_a_module(here: Path) -> None:
    put(here / "plain_one.py", STATE)
    for argument in ("plain_one", "plain_one.py", "./plain_one.py", str(here / "plain_one.py")):
        found = side(argument)
        assert [(part.key, part.name) for part in found.parts] == [("dev-ice", "dev/ice")]
    assert [part.name for part in side("plain_one:Inner").parts] == ["inner"]
    assert [part.name for part in side("plain_one.py:Inner").parts] == ["inner"]


def test_two_files_of_one_name(here: Path) -> None:
    put(here / "old" / "device.py", STATE)
    put(here / "new" / "device.py", STATE.replace("uint16()", "uint8()"))
    rules = {one.rule for one in compare_sides(side("old/device.py"), side("new/device.py")).findings}
    assert rules == {"VM307"}


def test_a_package(here: Path) -> None:
    put(here / "parts_of" / "__init__.py", "")
    put(here / "parts_of" / "__main__.py", "raise SystemExit(1)")
    put(here / "parts_of" / "one.py", STATE)
    put(here / "parts_of" / "deep" / "__init__.py", "")
    put(here / "parts_of" / "deep" / "two.py", "from ..one import Inner\n" + STATE.replace("dev/ice", "other"))
    for argument in ("parts_of", "./parts_of", "parts_of.deep"):
        found = {part.name for part in side(argument).parts}
        assert found == ({"other"} if "deep" in argument else {"dev/ice", "other"})
    assert {part.name for part in side("parts_of/deep/two.py").parts} == {"other"}


def test_a_package_that_is_another(here: Path) -> None:
    """Python has one module of a name: the second one would be the first."""
    for where in ("here_one", "there_one"):
        put(here / where / "pack_of" / "__init__.py", "")
        put(here / where / "pack_of" / "one.py", STATE)
    assert side("here_one/pack_of").parts
    with pytest.raises(Unusable, match="was imported from elsewhere"):
        side("there_one/pack_of")


@pytest.mark.parametrize(("code", "why"), [
    ("", "declares no state"), ("x = 1", "declares no state"), ("1 +", "cannot be imported: SyntaxError"),
    ("raise SystemExit(3)", "cannot be imported: SystemExit"), ("import nothing_like_it", "No module named 'nothing"),
    ("1 / 0", "cannot be imported: ZeroDivisionError"), (STATE.replace("uint8", "uint99"), "ImportError"),
    (STATE.replace("version=2", "version=-2"), ""),
])
def test_a_module_that_declares_nothing(here: Path, code: str, why: str) -> None:
    put(here / "odd_one.py", code)
    if why:
        with pytest.raises(Unusable, match=why):
            side("odd_one.py")


def test_a_class_that_is_none(here: Path) -> None:
    put(here / "some_one.py", STATE)
    for kind in ("Nobody", "uint8", "Inner.nothing", "__name__"):
        with pytest.raises(Unusable, match="no state is declared there"):
            side(f"some_one:{kind}")


def test_a_description_that_makes_no_sense(here: Path) -> None:
    """It is told when it is looked at, and which section it is."""
    (here / "odd.json").write_bytes(dump(inner=description({"field": "a"})))
    (part,) = side("odd.json").parts
    with pytest.raises(DecodeError, match=r"^dev::a\.size: "):
        _ = part.record
