"""The recipes for CI: their YAML parses, their commands exist, and the hook does what it is for."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.blocks import Block, blocks
from tests.docs.commands import commands
from vmstate_cli import grammar

PAGE = Path(__file__).parents[2] / "docs" / "ci.md"


@pytest.mark.parametrize("command", commands(PAGE), ids=" ".join)
def test_its_commands_exist(command: list[str]) -> None:
    assert grammar.parse(command) is not None


def test_all_commands_are_found() -> None:
    assert len(commands(PAGE)) == sum(
        line.count(f"vmstate {name}") for name in ("schema", "compare", "pin", "replay") for block in blocks(PAGE)
        for line in block.text.splitlines())


def read(block: Block, folder: Path) -> Any:
    """YAML as fq reads it. Skips where there is none."""
    fq = shutil.which("fq") or pytest.skip("fq is not installed")
    path = folder / "block.yaml"
    path.write_text(block.text, "utf-8")
    done = subprocess.run([fq, "-d", "yaml", "-r", "tojson", path], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_yaml_is_what_it_is_for(tmp_path: Path) -> None:
    hooks, github, gitlab = (read(block, tmp_path) for block in blocks(PAGE) if block.kind == "yaml")
    assert all({"id", "name", "entry", "language"} <= set(hook) for repo in hooks["repos"] for hook in repo["hooks"])
    steps = github["jobs"]["compare"]["steps"]
    assert all("uses" in step or "run" in step for step in steps)
    assert not [step for step in steps if "${{" in step.get("run", "")]  # a branch's name is nothing to run
    assert all(isinstance(line, str) for line in gitlab["compatibility"]["script"])
    assert gitlab["compatibility"]["artifacts"]["reports"]["junit"] in gitlab["compatibility"]["script"][-1]


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_the_hook_stops_a_commit(tmp_path: Path) -> None:
    """In a repository whose schemas have a device as it was not: the hook, run by git, refuses a commit."""
    (hook,) = [block.text for block in blocks(PAGE) if block.kind == "sh" and block.text.startswith("#!")]
    bin_, repository = tmp_path / "bin", tmp_path / "repository"
    bin_.mkdir()
    (bin_ / "vmstate").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vmstate_cli "$@"\n', "utf-8")
    (bin_ / "vmstate").chmod(0o755)
    path = f"{bin_}:{Path(shutil.which('git') or '').parent}:/usr/bin:/bin"

    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
        return subprocess.run(["git", *who, *arguments], cwd=repository, capture_output=True, text=True, check=False,
                              env={"PATH": path, "PYTHONPATH": str(PAGE.parents[1]), "HOME": str(tmp_path)})

    shutil.copytree(PAGE.parents[1] / "schema_out", repository / "schema_out")
    good = (repository / "schema_out" / "hpet.json").read_text("utf-8")
    assert git("init").returncode == 0
    git("add", ".")
    assert git("commit", "-m", "first").returncode == 0
    script = repository / ".git" / "hooks" / "pre-commit"
    script.write_text(hook, "utf-8")
    script.chmod(0o755)
    (repository / "schema_out" / "hpet.json").write_text(good.replace('"timer"', '"timers"', 1), "utf-8")
    git("add", ".")
    refused = git("commit", "-m", "second")
    assert refused.returncode != 0
    assert "hpet.json" in refused.stderr
    (repository / "schema_out" / "hpet.json").write_text(good, "utf-8")
    (repository / "README").write_text("nothing of importance", "utf-8")
    git("add", ".")
    done = git("commit", "-m", "third")
    assert done.returncode == 0, done.stderr
