"""What the wheel holds."""

import tomllib
from email import message_from_bytes
from itertools import chain
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.build import build_wheel

ROOT = Path(__file__).parents[2]
PACKAGES = {"vmstate", "visitors", "devices", "migration", "vmstate_cli"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The wheel, built in this process: name -> content."""
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        name = build_wheel(str(folder))
    with ZipFile(folder / name) as archive:
        return {entry: archive.read(entry) for entry in archive.namelist()}


def _metadata(wheel: dict[str, bytes], name: str) -> bytes:
    (found,) = [data for entry, data in wheel.items() if entry.endswith(f".dist-info/{name}")]
    return found


def test_top_level_names(wheel: dict[str, bytes]) -> None:
    names = {entry.split("/")[0] for entry in wheel}
    assert {name for name in names if not name.endswith(".dist-info")} == PACKAGES


def test_every_module_is_in_it(wheel: dict[str, bytes]) -> None:
    modules = {path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    assert {entry for entry in wheel if entry.endswith(".py")} == modules


def test_what_modules_read_is_in_it(wheel: dict[str, bytes]) -> None:
    """Whatever stands beside them."""
    files = {path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.*")
             if path.is_file() and path.suffix != ".pyc"}
    assert {"vmstate_cli/guide.md", "vmstate_cli/reports/page.css", "vmstate_cli/reports/page.js"} <= files
    assert files <= set(wheel)


def test_every_package_is_typed(wheel: dict[str, bytes]) -> None:
    assert {entry for entry in wheel if entry.endswith("py.typed")} == {f"{package}/py.typed" for package in PACKAGES}


def test_licence_and_notice(wheel: dict[str, bytes]) -> None:
    for name in ("LICENSE", "NOTICE"):
        assert _metadata(wheel, f"licenses/{name}") == (ROOT / name).read_bytes()


def test_console_script(wheel: dict[str, bytes]) -> None:
    assert _metadata(wheel, "entry_points.txt") == b"[console_scripts]\nvmstate = vmstate_cli:main\n"


def test_metadata(wheel: dict[str, bytes]) -> None:
    metadata = message_from_bytes(_metadata(wheel, "METADATA"))
    assert metadata["Name"] == "vmstate-visitors"
    assert metadata["Requires-Python"] == ">=3.11"
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert [line.split(">")[0] for line in needed] == ["attrs"]


def test_the_constraints_are_pins_of_all_that_is_asked_for() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(line.count("==") == 1 and line.replace("==", "").isascii() and " " not in line for line in pins)
    pinned = {line.partition("==")[0].lower() for line in pins}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    assert {line.partition(">")[0].partition("[")[0] for line in asked} <= pinned
