"""The tutorial's code runs, and prints what stands there; and a page whose code does not is found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import blocks, run

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"


def test_the_tutorial_runs() -> None:
    run(TUTORIAL)


def test_all_of_its_code_is_run() -> None:
    """There is no other kind of block, and no block without a kind."""
    found = blocks(TUTORIAL)
    assert {block.kind for block in found} == {"python", "text", "diff"}
    assert TUTORIAL.read_text("utf-8").count("```") == 2 * len(found)


@pytest.mark.parametrize("wrong", [
    "```python\nprint(1)\n```\n\n```text\n2\n```\n",
    "```python\nprint(1)\n```\n",
    "```python\nx = 1\n```\n\n```text\n1\n```\n",
    "```python\nprint(1)\n```\n\n```text\n1\n```\n\n```diff\n1\n```\n",
    "```python\nassert False\n```\n",
])
def test_a_page_that_is_wrong(tmp_path: Path, wrong: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(wrong, "utf-8")
    with pytest.raises(AssertionError):
        run(page)


def test_a_page_that_is_right(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nx = 1\n```\n\n```python\nprint(x)\n```\n\n```text\n1\n```\n", "utf-8")
    assert run(page)["x"] == 1
