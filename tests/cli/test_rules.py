"""`vmstate rules` and `vmstate explain VMnnn`."""

from __future__ import annotations

import json

import pytest

from tests.cli.command import Command
from vmstate.compat.catalogue import RULES


def test_every_rule_has_a_line(vmstate: Command) -> None:
    result = vmstate("rules")
    assert (result.code, result.err) == (0, "")
    lines = [line.split(maxsplit=2) for line in result.out.splitlines() if line.startswith("  ")]
    assert lines == [[rule.id, rule.severity, rule.change] for rule in RULES.values()]


def test_json(vmstate: Command) -> None:
    found = json.loads(vmstate("rules", "--format", "json").out)["rules"]
    assert [one["id"] for one in found] == list(RULES)
    (one,) = [one for one in found if one["id"] == "VM302"]
    rule = RULES["VM302"]
    assert one == {
        "id": "VM302", "severity": "note", "family": "fields", "change": rule.change, "fix": rule.fix,
        "qemufile": {"backward": "ok", "forward": "breaks"}, "selfdescribing": {"backward": "ok", "forward": "breaks"}}


@pytest.mark.parametrize("rule", RULES)
def test_each_is_explained(rule: str, vmstate: Command) -> None:
    result = vmstate("explain", rule)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"{rule} {RULES[rule].severity}  {RULES[rule].change}\n")
    assert RULES[rule].fix in result.out
    assert vmstate("explain", rule.lower()) == result


def test_no_such_rule(vmstate: Command) -> None:
    result = vmstate("explain", "VM999")
    assert (result.code, result.out) == (2, "")
    assert "VM999" in result.err
