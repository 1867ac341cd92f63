"""No text of the project depends on one machine, names a package index or sends a reader to a stranger's package."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNTRACKED = {"__pycache__", ".git", ".hypothesis"}  # and .venv*, *_cache

# Written in pieces, so that this file is no exception to its own rule.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.])/(?:work|root|home)/",
    "a folder outside the project": r"\.\./" + r"shared\b",
    "a package index": r"\b(?:pypi\.org|pythonhosted\.org|(?:deb|security)\.debian\.org|registry\.npmjs\.org)\b",
    "a stranger's package": r"\b(?:pip3? +install|pipx +(?:install|run)|uv +(?:add|pip +install)|uvx)"
    r"(?: +-\S+)* +['\"]?(?:vmstate|visitors)(?![\w-]|\.\w)",
}


def _files() -> Iterator[Path]:
    """What git tracks or would add; without git, everything but caches and environments."""
    if shutil.which("git") and (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        yield from (ROOT / name for name in listed.stdout.split("\0") if name)
        return
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if not UNTRACKED.intersection(parts) and not parts[0].startswith(".venv") and not parts[0].endswith("_cache"):
            yield path


def _texts() -> Iterator[tuple[str, str]]:
    for path in _files():
        if path.is_file():
            data = path.read_bytes()
            if b"\0" not in data:
                yield path.relative_to(ROOT).as_posix(), data.decode("utf-8", "replace")


@pytest.mark.parametrize(("what", "pattern"), FORBIDDEN.items(), ids=list(FORBIDDEN))
def test_nothing_names(what: str, pattern: str) -> None:
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, text in _texts()
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a path of one machine", "see " + "/work" + "/main"),
        ("a folder outside the project", "see .." + "/shared/corpus"),
        ("a package index", "https://" + "pypi" + ".org/simple"),
        ("a stranger's package", "pip install" + " vmstate"),
        ("a stranger's package", "`uvx" + " vmstate show`"),
        ("a stranger's package", "pip install -U" + " 'visitors[cli]'"),
    ],
)
def test_the_pattern_finds(what: str, text: str) -> None:
    assert re.search(FORBIDDEN[what], text)


@pytest.mark.parametrize(
    "text",
    ["pip install vmstate-visitors", "pip install '.[cli]'", "frame/work/x", "vmstate show", "uvx vmstate-visitors"],
)
def test_the_patterns_leave(text: str) -> None:
    assert not [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text)]
