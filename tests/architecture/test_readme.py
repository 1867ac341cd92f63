"""The README's code runs, in the order in which it stands there."""

from __future__ import annotations

from pathlib import Path

from tests.docs.blocks import blocks, run

README = Path(__file__).parents[2] / "README.md"


def test_the_code_of_the_readme_runs() -> None:
    assert [block.kind for block in blocks(README)].count("python") == 2
    assert run(README)["document"] is not None
