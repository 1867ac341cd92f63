"""`vmstate compare`: sides, levels, exit codes, and its reports for people and programs."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.cli.command import ROOT, Command, recorded, started
from tests.cli.dumps import HOSTILE, dump, field, hostile, pair, section
from vmstate.compat.catalogue import RULES
from vmstate_cli.printable import printable

BASE = section("dev", field("a", 4), field("b", 2))
ADDED = section("dev", field("a", 4), field("b", 2), field("c", 1))
GATED = section("dev", field("a", 4), field("b", 2), field("c", 1, 2), version=2)
ENTRY = {"rule", "severity", "path", "backward", "forward", "message", "reason", "fix", "witness"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a configuration, that the command runs in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(vmstate: Command, *arguments: str | Path) -> Any:
    return json.loads(vmstate("compare", *arguments, "--format", "json").out)


# -- levels and exit codes

@pytest.mark.parametrize(("new", "verdict", "codes"), [
    (BASE, ("ok", "ok"), (0, 0, 0)), (ADDED, ("breaks", "breaks"), (1, 1, 1)), (GATED, ("ok", "breaks"), (0, 1, 1))])
def test_the_level(
    new: dict[str, Any], verdict: tuple[str, str], codes: tuple[int, ...], here: Path, vmstate: Command
) -> None:
    sides = pair(here, (BASE,), (new,))
    assert told(vmstate, *sides)["verdict"] == dict(zip(("backward", "forward"), verdict, strict=True))
    levels = ("backward", "forward", "full")
    assert tuple(vmstate("compare", *sides, "--level", level).code for level in levels) == codes
    assert vmstate("compare", *sides).code == codes[0]


def test_transitive(here: Path, vmstate: Command) -> None:
    sides = pair(here, (section("dev", field("a", 4), field("b", 2, 2), version=2),),
                 (section("dev", field("a", 4), field("b", 2), version=2),))
    assert vmstate("compare", *sides).code == 0
    result = vmstate("compare", *sides, "--transitive")
    assert result.code == 1
    assert "streams of version 1" in result.out
    assert "level backward transitive violated" in result.out


def test_the_wire(here: Path, vmstate: Command) -> None:
    sides = pair(here, (BASE,), (section("dev", field("a", 4), field("x", 2)),))
    assert vmstate("compare", *sides).code == 0
    for wire in ("cbor", "ber", "msgpack", "json"):
        assert vmstate("compare", *sides, "--wire", wire).code == 1


# -- JSON

def test_json(here: Path, vmstate: Command) -> None:
    found = told(vmstate, *pair(here, (BASE,), (ADDED,)))
    assert set(found) == {"verdict", "findings"}
    assert all(set(one) == ENTRY for one in found["findings"])
    one = found["findings"][0]
    assert (one["rule"], one["severity"], one["path"]) == ("VM301", "error", "dev::c")
    assert (one["backward"], one["forward"], one["fix"]) == ("breaks", "breaks", RULES["VM301"].fix)


def test_a_witness(here: Path, vmstate: Command) -> None:
    """The state, in the writer's bytes; where the reader goes wrong, and stops."""
    sides = pair(here, (BASE,), (ADDED,))
    witness = told(vmstate, *sides)["findings"][0]["witness"]
    assert {key: witness[key] for key in ("direction", "offset", "written", "read")} == {
        "direction": "backward", "offset": 6, "written": None, "read": "c"}
    assert len(bytes.fromhex(witness["stream"])) == 6
    assert witness["stops"]["offset"] == 6
    assert [one["direction"] for one in witness["other"]] == ["forward"]
    text = " ".join(vmstate("compare", *sides).out.split())
    assert "witness: backward: behind the last of 0x6 bytes, c is read; refused: c @ 0x6: expected 1 byte" in text
    assert "witness: forward: byte 0x6 of 0x7 was written as c, and is read as nothing; refused: 0x6: 1 byte" in text
    assert "witness: backward: behind the last" in vmstate("compare", *sides, "--format", "junit").out


def test_a_witness_of_what_loads_wrong(here: Path, vmstate: Command) -> None:
    sides = pair(here, (BASE,), (section("dev", field("b", 2), field("a", 4)),))
    witness = told(vmstate, *sides)["findings"][0]["witness"]
    assert (witness["offset"], witness["written"], witness["read"]) == (0, "a", "b")
    assert witness["differs"]["path"] == "b"
    assert re.search(r"byte 0x0 of 0x6 was written as a, and is read as b; b is read as \d+, and was \d+",
                     " ".join(vmstate("compare", *sides).out.split()))


def test_a_witness_by_name(here: Path, vmstate: Command) -> None:
    """There are no offsets; what is refused has a name."""
    sides = pair(here, (BASE,), (ADDED,))
    witness = told(vmstate, *sides, "--wire", "cbor")["findings"][0]["witness"]
    assert (witness["offset"], witness["stops"]["path"]) == (None, "c")
    text = " ".join(vmstate("compare", *sides, "--wire", "cbor").out.split())
    assert "witness: backward: refused: c: missing" in text


def test_a_version_that_is_refused(here: Path, vmstate: Command) -> None:
    found = {one["rule"]: one["witness"] for one in told(vmstate, *pair(here, (BASE,), (GATED,)))["findings"]}
    assert found["VM201"] == {"version": 2}
    assert found["VM302"]["stops"]["error"].endswith("dev is version 2, this declaration has 1")


def test_a_witness_that_would_be_too_large(here: Path, vmstate: Command) -> None:
    """A few letters of a dump describe millions of values; how many are walked over is bounded."""
    large = field("large", 4, num=2_000_000)
    sides = pair(here, (section("dev", large, field("b", 2)),), (section("dev", large, field("b", 2), field("c", 1)),))
    witness = told(vmstate, *sides)["findings"][0]["witness"]
    assert witness["missing"].startswith("it takes 4,000,013 values to show it")
    assert "no witness: it takes 4,000,013 values" in " ".join(vmstate("compare", *sides).out.split())


def test_the_same_has_no_findings(here: Path, vmstate: Command) -> None:
    assert told(vmstate, *pair(here, (BASE,), (BASE,))) == {
        "verdict": {"backward": "ok", "forward": "ok"}, "findings": []}


# -- which sections

def test_devices(here: Path, vmstate: Command) -> None:
    others = section("bus/other", field("x", 1)), section("bus/other", field("x", 2))
    sides = pair(here, (BASE, others[0]), (ADDED, others[1]))
    assert {one["path"].partition("::")[0] for one in told(vmstate, *sides)["findings"]} == {"dev", "bus/other"}
    for wanted in ("other", "bus/other"):
        assert {one["path"].partition("::")[0] for one in told(vmstate, *sides, "--device", wanted)["findings"]} == {
            "bus/other"}
    assert len(told(vmstate, *sides, "--device", "dev", "--device", "other")["findings"]) == len(
        told(vmstate, *sides)["findings"])
    result = vmstate("compare", *sides, "--device", "othr")
    assert result.code == 2
    assert "no section othr on either side; there is " in result.err


# -- what is allowed

def allowance(rule: str, until: str = "", **more: str) -> str:
    lines = {"rule": rule, "reason": "the reason", **({"until": until} if until else {}), **more}
    return "[[allow]]\n" + "".join(f'{key} = "{value}"\n' for key, value in lines.items())


@pytest.mark.parametrize("name", ["vmstate.toml", "pyproject.toml", "sub/vmstate.toml"])
def test_a_configuration(name: str, here: Path, vmstate: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    sides = pair(here, (BASE,), (ADDED,))
    text = allowance("VM301", device="dev")
    path = here / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.replace("[[", "[[tool.vmstate.") if path.name == "pyproject.toml" else text, "utf-8")
    if "/" in name:
        assert vmstate("compare", *sides).code == 1
        assert vmstate("compare", *sides, "--config", path).code == 0
    below = path.parent / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    assert vmstate("compare", *sides).code == 0
    found = told(vmstate, *sides)
    assert found["verdict"] == {"backward": "ok", "forward": "ok"}
    assert {one["rule"] for one in found["findings"]} == {"VM902"}


def test_an_allowance_that_has_expired(here: Path, vmstate: Command) -> None:
    (here / "vmstate.toml").write_text(allowance("VM305", "2020-01-01"), "utf-8")
    sides = pair(here, (BASE,), (section("dev", field("a", 4), field("x", 2)),))
    result = vmstate("compare", *sides)
    assert result.code == 1
    assert "it was allowed by vmstate.toml until 2020-01-01 (the reason)" in " ".join(result.out.split())


def test_an_allowance_that_nothing_needs(here: Path, vmstate: Command) -> None:
    (here / "vmstate.toml").write_text(allowance("VM301"), "utf-8")
    sides = pair(here, (BASE,), (BASE,))
    result = vmstate("compare", *sides)
    assert result.code == 0
    assert result.err == "vmstate: vmstate.toml: nothing needs the allowance of VM301: the reason\n"
    assert vmstate("compare", *sides, "--device", "dev").err == ""


def test_another_project_s_configuration_is_left(here: Path, vmstate: Command) -> None:
    (here / "vmstate.toml").write_text(allowance("VM301"), "utf-8")
    below = here / "below"
    below.mkdir()
    (below / "pyproject.toml").write_text('[tool.other]\nname = "vmstate"\n', "utf-8")
    assert vmstate("compare", *pair(here, (BASE,), (ADDED,))).code == 0


@pytest.mark.parametrize("text", ["[[allow]", "allow = 1", allowance("VM000"), "\xff", "a = " + "[" * 9999])
def test_a_configuration_that_is_wrong(text: str, here: Path, vmstate: Command) -> None:
    (here / "vmstate.toml").write_bytes(text.encode("latin-1"))
    result = vmstate("compare", *pair(here, (BASE,), (ADDED,)))
    assert (result.code, result.out) == (2, "")
    assert "vmstate.toml" in result.err
    assert result.err.count("\n") == 1


# -- what cannot be compared

def test_files_that_are_not_there(here: Path, vmstate: Command) -> None:
    there = dump(here, "there", BASE)
    for arguments in (("missing", there), (there, "missing"), (there, there, "--config", "missing")):
        result = vmstate("compare", *arguments)
        assert (result.code, result.out) == (2, "")
        assert "missing" in result.err


@pytest.mark.parametrize("arguments", [
    (), ("x",), ("x", "y", "z"), ("x", "y", "--level", "none"), ("x", "y", "--wire", "xml"),
    ("x", "y", "--format", "pdf"), ("x", "y", "-o")], ids=" ".join)
def test_usage(arguments: tuple[str, ...], vmstate: Command) -> None:
    result = vmstate("compare", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("usage: vmstate")


# -- where it goes

@pytest.mark.parametrize("form", ["text", "json", "github", "junit", "html"])
def test_a_file(form: str, here: Path, vmstate: Command) -> None:
    sides = pair(here, (BASE,), (ADDED,))
    shown = vmstate("compare", *sides, "--format", form)
    result = vmstate("compare", *sides, "--format", form, "-o", here / "report", "--color", "always")
    assert (shown.code, result.code, result.out) == (1, 1, "")
    assert (here / "report").read_text("utf-8") == shown.out
    assert vmstate("compare", *sides, "--format", form, "-o", here / "no" / "report").code == 2


# -- text

def test_text(here: Path, vmstate: Command) -> None:
    out = vmstate("compare", *pair(here, (BASE, section("same", field("x", 1))),
                                   (ADDED, section("same", field("x", 1))))).out
    assert out.startswith("backward  breaks")
    assert re.search(r"^dev\n  VM301 error  dev::c  backward breaks, forward breaks$", out, re.MULTILINE)
    assert f"    fix: {RULES['VM301'].fix}" in out
    assert re.search(r"^    VM501 note: ", out, re.MULTILINE)  # folded beneath its cause
    assert out.splitlines()[-1].startswith("level backward violated in qemufile: 1 error")
    assert out.splitlines()[-1].endswith("in 2 sections")
    assert "\x1b" not in out


def test_colours(here: Path, vmstate: Command) -> None:
    sides = pair(here, (BASE,), (ADDED,))
    painted = vmstate("compare", *sides, "--color", "always").out
    assert "\x1b[1;31mbreaks" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == vmstate("compare", *sides).out


def test_text_does_nothing_to_a_terminal(here: Path, vmstate: Command) -> None:
    out = vmstate("compare", *hostile(here)).out
    assert "\x1b" not in out
    assert "\r" not in out
    assert printable(HOSTILE) in out


# -- GitHub

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*(?:=[^:]*)?)::(.*)")


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """What a runner makes of these lines."""
    def plain(value: str) -> str:
        for code, one in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            value = value.replace(code, one)
        return value
    found = []
    for line in text.splitlines():
        if line.startswith("::"):
            name, _, rest = line[2:].partition(" ")
            properties, _, message = rest.partition("::")
            given = dict(one.split("=", 1) for one in properties.split(","))
            found.append((name, {key: plain(value) for key, value in given.items()}, plain(message)))
    return found


def test_github(here: Path, vmstate: Command) -> None:
    result = vmstate("compare", *pair(here, (BASE,), (ADDED,)), "--format", "github")
    name, properties, message = commands(result.out)[0]
    assert (name, properties) == ("error", {"file": "new.json", "title": "VM301 dev::c"})
    assert message.splitlines()[0] == "c was added"
    assert result.out.splitlines()[-1].startswith("verdict: backward breaks, forward breaks; ")


def test_github_names_the_line_of_the_member(here: Path, vmstate: Command) -> None:
    source = """
        from vmstate import state, uint8, uint32


        @state("dev")
        class Other:
            a: int = uint8()


        @state("dev")
        class Dev:
            a: int = uint32()
            c: int = uint8()
    """
    (here / "declared_here.py").write_text(dedent(source), "utf-8")
    old = dump(here, "old", section("dev", field("a", 4)))
    result = vmstate("compare", old, "declared_here.py:Dev", "--format", "github")
    first = next(properties for name, properties, _ in commands(result.out) if name == "error")
    assert first["file"] == "declared_here.py"
    assert first["line"] == "13"
    sys.modules.pop("declared_here", None)


def test_github_runs_nothing_else(here: Path, vmstate: Command) -> None:
    out = vmstate("compare", *hostile(here), "--format", "github").out
    lines = out.removesuffix("\n").split("\n")
    assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in lines[:-1])
    assert lines[-1].startswith("verdict: ")
    assert "\r" not in out
    for _, properties, _ in commands(out):
        assert set(properties) == {"file", "title"}
    assert any(printable(HOSTILE) in properties["title"] for _, properties, _ in commands(out))


# -- JUnit

def test_junit(here: Path, vmstate: Command) -> None:
    out = vmstate("compare", *pair(here, (BASE, section("same", field("x", 1))),
                                   (ADDED, section("same", field("x", 1)))), "--format", "junit").out
    root = ET.fromstring(out)  # noqa: S314  it is our own
    (suite,) = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    for one in (root, suite):
        assert {key: one.get(key) for key in ("tests", "failures", "errors", "time")} == {
            "tests": "2", "failures": "1", "errors": "0", "time": "0"}
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert set(cases) == {"dev", "same"}
    assert all(case.get("classname") and case.get("time") for case in cases.values())
    (failure,) = cases["dev"].findall("failure")
    assert failure.get("type") == "VM301"
    assert "c was added" in (failure.text or "")
    assert [one.tag for one in cases["dev"]] == ["failure", "system-out"]
    assert not list(cases["same"])


def test_junit_follows_the_level(here: Path, vmstate: Command) -> None:
    sides = pair(here, (BASE,), (GATED,))
    for level, failures in (("backward", "0"), ("full", "1")):
        result = vmstate("compare", *sides, "--format", "junit", "--level", level)
        assert ET.fromstring(result.out).get("failures") == failures  # noqa: S314
        assert (result.code == 1) is (failures != "0")


def test_junit_is_xml_whatever_the_names_are(here: Path, vmstate: Command) -> None:
    root = ET.fromstring(vmstate("compare", *hostile(here), "--format", "junit").out)  # noqa: S314
    assert printable(HOSTILE) in {case.get("name") for case in root.iter("testcase")}
    assert {one.tag for one in root.iter()} == {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure", "system-out"}


# -- the process

def test_streams_and_declarations(vmstate: Command) -> None:
    """A stream's own description, against itself and against what is declared here."""
    stream = recorded("pc72-72-nodefaults")
    assert vmstate("compare", stream, stream).code == 0
    result = vmstate("compare", "devices", "devices", "--level", "full", "--transitive")
    assert (result.code, result.err) == (0, "")


def test_show_imports_nothing_of_it() -> None:
    done = started("show", recorded("none-72"), PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert "vmstate.walk" in imported
    assert not [name for name in imported if name.startswith(("vmstate.compat", "vmstate_cli.reports", "tomllib"))]
    assert (ROOT / "vmstate" / "compat").is_dir()
