"""`vmstate lint`: which declarations are looked at, and how findings are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Command, recorded
from vmstate.lint.rules import RULES

HEAD = "from vmstate import allow, local, setting, state, subsection, uint8\n\n\n"
CLEAN = HEAD + """\
@state("gadget")
class Gadget:
    a: int = uint8()

    @subsection("gadget/b")
    def _sends(self) -> bool:
        return self.b != 0

    b: int = uint8()
"""
SENT = CLEAN.replace("!= 0", "!= 1")
TWICE = HEAD + """\
class Outer:
    @state("gadget")
    class Gadget:
        a: int = uint8()
        b: int = uint8()
        a: int = uint8()

        @property
        def c(self) -> int:
            return self.a

        @c.setter
        def c(self, value: int) -> None:
            self.a = value


Gadget = Outer.Gadget
"""
BROKEN = HEAD + """\
@state("gadget", version=1, minimum=2)
class Gadget:
    a: int = uint8(since=3)

    @subsection("other/b")
    def _sends(self) -> bool:
        return self.a != 0

    b: int = uint8()
"""

Write = Callable[[str], Path]


@pytest.fixture
def module(tmp_path: Path) -> Write:
    """Writes a module."""
    def write(text: str) -> Path:
        path = tmp_path / f"gadget{len(text)}.py"
        path.write_text(text, "utf-8")
        return path
    return write


def test_a_clean_module(vmstate: Command, module: Write) -> None:
    assert vmstate("lint", module(CLEAN)) == (0, "nothing found in 1 declaration\n", "")


def test_a_finding(vmstate: Command, module: Write) -> None:
    path = module(SENT)
    result = vmstate("lint", path)
    assert (result.code, result.err) == (1, "")
    assert result.out == f"""\
VL301 {path.stem}@{path}:Gadget.gadget/b: _sends is true of a new instance: it asks b
      a new instance sends the subsection, and nobody has said so: {RULES["VL301"].hint}
1 finding in 1 declaration
"""


def test_json(vmstate: Command, module: Write) -> None:
    path = module(SENT)
    result = vmstate("lint", path, "--format", "json")
    assert result.code == 1
    assert json.loads(result.out) == {"findings": [{
        "rule": "VL301", "place": f"{path.stem}@{path}:Gadget", "member": "gadget/b", "wrong": RULES["VL301"].wrong,
        "message": "_sends is true of a new instance: it asks b", "hint": RULES["VL301"].hint}], "allowed": []}


def test_what_is_allowed(vmstate: Command, module: Write) -> None:
    path = module(SENT.replace("    a:", '    _sent = allow("VL301", "as the chip does")\n    a:'))
    result = vmstate("lint", path)
    assert (result.code, result.err) == (0, "")
    assert result.out.endswith("; allowed: as the chip does\nnothing found in 1 declaration, 1 allowed\n")
    told = json.loads(vmstate("lint", path, "--format", "json").out)
    assert [one["reason"] for one in told["allowed"]] == ["as the chip does"]


def test_a_name_that_is_defined_twice(vmstate: Command, module: Write) -> None:
    result = vmstate("lint", module(TWICE), "--format", "json")
    assert [(one["rule"], one["member"], one["message"]) for one in json.loads(result.out)["findings"]] == [
        ("VL107", "a", "it is defined 2 times")]


def test_what_cannot_be_declared(vmstate: Command, module: Write) -> None:
    """A since, a minimum and a prefix that make no sense are refused where a class is made; here all are told."""
    path = module(BROKEN)
    result = vmstate("lint", path, "--format", "json")
    assert result.code == 1
    assert [(one["rule"], one["place"].rpartition(":")[2], one["message"])
            for one in json.loads(result.out)["findings"]] == [
        ("VL001", "Gadget", "line 4: gadget reads from version 2 on, and has version 1"),
        ("VL001", "Gadget", "line 6: a is there since version 3, and gadget has version 1"),
        ("VL001", "Gadget", "line 8: subsection 'other/b' must begin with 'gadget'")]


def test_one_class_of_a_module(vmstate: Command, module: Write) -> None:
    path = module(SENT + CLEAN.removeprefix(HEAD).replace("Gadget", "Clean"))
    assert vmstate("lint", path).code == 1
    assert vmstate("lint", f"{path}:Clean") == (0, "nothing found in 1 declaration\n", "")


def test_modules_together(vmstate: Command, module: Write) -> None:
    """Two that declare one section."""
    result = vmstate("lint", module(CLEAN), module(CLEAN + "\n"))
    assert (result.code, result.out.count("VL601")) == (1, 1)


@pytest.mark.parametrize("wrong", ["nowhere.py", "no.such.module", "devices.timer.hpet:Nothing"])
def test_no_such_module(wrong: str, vmstate: Command) -> None:
    result = vmstate("lint", wrong)
    assert (result.code, result.out) == (2, "")


def test_a_module_of_this_program(vmstate: Command) -> None:
    assert vmstate("lint", "devices.timer.hpet", "devices.timer.mc146818rtc:Rtc").code == 0


def test_what_scaffold_leaves_open_is_found(vmstate: Command, tmp_path: Path) -> None:
    path = tmp_path / "e1000.py"
    vmstate("scaffold", recorded("pc72-72-default"), "e1000", "-o", path)
    told = json.loads(vmstate("lint", path, "--format", "json").out)["findings"]
    assert [(one["rule"], one["member"]) for one in told if one["rule"] == "VL203"] == [
        ("VL203", "_sends_mit_state"), ("VL203", "_sends_tx_tso_state")]


def test_a_rule_is_explained(vmstate: Command) -> None:
    result = vmstate("explain", "vl203")
    assert result == (0, "VL203 a method that is still to be written\n  about     methods\n  do        write it\n", "")
    assert json.loads(vmstate("explain", "VL203", "--format", "json").out)["hint"] == "write it"
    assert vmstate("explain", "VL999").code == 2


def test_the_rules(vmstate: Command) -> None:
    text, told = vmstate("lint", "--rules"), json.loads(vmstate("lint", "--rules", "--format", "json").out)
    assert [one["id"] for one in told["rules"]] == list(RULES)
    assert all(f"  {one.id} {one.wrong}: {one.hint}\n" in text.out + "\n" for one in RULES.values())
