"""The page of what an author may change: it is the catalogue's, its code runs, and its commands exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.blocks import blocks, run
from tests.docs.commands import commands
from vmstate.compat.allowances import configured
from vmstate.compat.catalogue import RULES
from vmstate.compat.findings import Verdict
from vmstate_cli import grammar
from vmstate_cli.guide import page

PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"


def test_it_is_not_stale() -> None:
    assert PAGE.read_text("utf-8") == page(), "`make docs` makes it again"


def test_it_runs() -> None:
    run(PAGE)


def test_every_rule_has_a_row() -> None:
    rows = re.findall(r"^\| (VM\d{3}) \| (\w+) \| ([^|]*) \|(?: [^|]* \|){3}$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == [(rule.id, rule.severity, rule.change) for rule in RULES.values()]


def test_every_verdict_has_a_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == [str(one) for one in Verdict if one is not Verdict.NA]


@pytest.mark.parametrize("command", commands(PAGE), ids=" ".join)
def test_its_commands_exist(command: list[str]) -> None:
    assert grammar.parse(command) is not None


def test_its_configuration_is_one() -> None:
    (block,) = [block for block in blocks(PAGE) if block.kind == "toml"]
    (one,) = configured(tomllib.loads(block.text)["tool"]["vmstate"], "page")
    assert one.allowance.rule in RULES
