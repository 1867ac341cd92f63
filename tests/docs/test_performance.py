"""The page on speed: its code runs."""

from pathlib import Path

from tests.docs.blocks import run


def test_the_code_runs() -> None:
    run(Path(__file__).parents[2] / "docs" / "performance.md")
