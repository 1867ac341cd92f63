"""What type checkers say of declarations: nothing of those that are right, and all that is wrong of the others."""

import json
import re
import runpy
import subprocess
import sys
from os.path import relpath
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RIGHT = ROOT / "tests" / "typing" / "right.py"
WRONG = ROOT / "tests" / "typing" / "wrong" / "declarations.py"


def mypy(path: Path, folder: Path) -> set[int]:
    """The lines that mypy --strict reports."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(ROOT / ".mypy_cache"),
               str(path.relative_to(ROOT))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    name = re.escape(path.relative_to(ROOT).as_posix())
    return {int(line) for line in re.findall(rf"^{name}:(\d+): error", done.stdout, re.MULTILINE)}


def pyright(path: Path, folder: Path) -> set[int]:
    """The lines that pyright reports in its strict mode."""
    project = folder / "pyrightconfig.json"
    project.write_text(json.dumps({
        "include": [relpath(path, folder)], "extraPaths": [str(ROOT)], "pythonVersion": "3.11",
        "typeCheckingMode": "strict"}))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable,
               "--project", str(project)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] >= 1
    return {one["range"]["start"]["line"] + 1 for one in report["generalDiagnostics"]
            if one["severity"] == "error" and Path(one["file"]) == path}


CHECKERS = pytest.mark.parametrize("checker", [mypy, pyright])


@CHECKERS
def test_what_is_right_is_taken(checker: object, tmp_path: Path) -> None:
    assert callable(checker)
    assert checker(RIGHT, tmp_path) == set()


@CHECKERS
def test_what_is_wrong_is_found(checker: object, tmp_path: Path) -> None:
    assert callable(checker)
    lines = WRONG.read_text("utf-8").splitlines()
    marked = {number for number, line in enumerate(lines, 1) if "  # wrong" in line}
    assert len(marked) >= 26
    found = checker(WRONG, tmp_path)
    assert sorted(marked - found) == []
    assert sorted(found - marked) == []


def test_what_is_right_can_be_declared() -> None:
    """The decorator finds nothing in it either."""
    made = runpy.run_path(str(RIGHT))
    assert {made[name]().__class__.__name__ for name in ("Clock", "Port", "Card")} == {"Clock", "Port", "Card"}
