"""`info`, `verify`, `help`, `completion`, and command lines that are wrong."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Command, recorded
from tests.migration.recorded import NAMES, STREAMS, stream
from vmstate_cli import grammar, usage

GENERATIONS = {
    "pc72-72-nodefaults": "7.2 to 8.1", "pc52-111": "8.2 or later", "pc42-100": "8.2 to 10.2",
    "virtio-a-legacy-52": "5.2", "q42-52": "4.2 to 5.2", "none-72": "6.0 to 8.1", "opt-savevm-100": "10.0 to 10.2",
    "opt-suppress-vmdesc-72": "7.2 or later", "opt-no-config-72": "6.0 to 10.2",
}


# -- info

@pytest.mark.parametrize("name", NAMES)
def test_info(name: str, vmstate: Command) -> None:
    result = vmstate("info", recorded(name))
    assert (result.code, result.err) == (0, "")
    assert result.out.count("\n") <= 25
    told = json.loads(vmstate("info", "--format", "json", recorded(name)).out)
    assert told["size"] == STREAMS[name]["size"]
    assert sum(map(len, told["sections"].values())) == STREAMS[name]["sections"]
    assert (told["description"] is not None) == STREAMS[name]["vmdesc"]
    least, most = (told["qemu"][key] for key in ("least", "most"))
    wrote = _release(STREAMS[name]["qemu"])
    assert least is None or _release(least) <= wrote
    assert most is None or wrote <= _release(most)


def _release(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


@pytest.mark.parametrize(("name", "text"), GENERATIONS.items())
def test_the_generation(name: str, text: str, vmstate: Command) -> None:
    (line,) = [line for line in vmstate("info", recorded(name)).out.splitlines() if line.startswith("QEMU")]
    assert re.split("  +", line)[1] == text


def test_info_tells_of_ram(vmstate: Command) -> None:
    out = vmstate("info", recorded("pc72-72-nodefaults")).out
    assert re.search("^RAM +17,309,696 bytes in 6 blocks", out, re.MULTILINE)
    assert "61 with data, 4,035 zero" in out
    told = json.loads(vmstate("info", "--format", "json", recorded("pc72-72-nodefaults")).out)
    assert told["ram"]["pages"] == {"page": 111, "zero": 4115}
    assert told["footers"] is True


# -- verify

def test_verify(vmstate: Command) -> None:
    result = vmstate("verify", *map(recorded, NAMES))
    assert (result.code, result.err) == (0, "")
    assert result.out.count("\n") == len(NAMES)
    assert all(line.startswith("ok ") for line in result.out.splitlines())


def test_verify_json(vmstate: Command) -> None:
    result = vmstate("verify", "--format", "json", recorded("none-72"), recorded("pc72-72-nodefaults"))
    assert json.loads(result.out)["streams"] == [
        {"file": str(recorded(name)), "ok": True, "size": size, "accounted": size, "identical": True,
         "sections": {"declared": declared, "embedded": embedded, "opaque": 0}, "findings": [], "notes": {},
         "error": None}
        for name, size, declared, embedded in (("none-72", 1013, 3, 0), ("pc72-72-nodefaults", 604560, 30, 0))]


def test_the_highest_code_wins(vmstate: Command, made: Callable[[bytes, str], Path]) -> None:
    good, behind = recorded("none-72"), made(stream("opt-suppress-vmdesc-72") + b"more", "behind")
    cut, other = made(stream("none-72")[:100], "cut"), made(b"QEVM\0\0\0\x02", "other")
    assert vmstate("verify", good, behind).code == 1
    assert vmstate("verify", good, behind, "missing").code == 2
    assert vmstate("verify", cut, good, behind, "missing").code == 3
    result = vmstate("verify", other, cut, behind, "missing")
    assert result.code == 4
    assert [line.split()[0] for line in result.out.splitlines()] == ["FAILED"] * 4
    assert result.err.count("\n") == 4


# -- help

@pytest.mark.parametrize("command", grammar.COMMANDS)
def test_help(command: str, vmstate: Command) -> None:
    result = vmstate(command, "--help")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"usage: vmstate {command} ")
    assert result == vmstate("help", command)
    for line in grammar.COMMANDS[command].examples:
        assert line in result.out


def test_no_arguments(vmstate: Command) -> None:
    nothing, help_text = vmstate(), vmstate("help")
    assert (nothing.code, help_text.code) == (2, 0)
    assert nothing.out == help_text.out
    assert all(name in nothing.out for name in grammar.COMMANDS)


def test_version(vmstate: Command) -> None:
    result = vmstate("--version")
    assert result.code == 0
    assert result.out.startswith("vmstate ")


@pytest.mark.parametrize(
    "arguments",
    [("nothing",), ("show",), ("show", "--bad", "x"), ("show", "x", "--format", "yaml"), ("show", "x", "--format"),
     ("show", "x", "--setting", "nonsense"), ("show", "x", "--setting", "a::=1"), ("verify",), ("info", "a", "b"),
     ("show", "x", "--all=yes"), ("completion",), ("completion", "csh"), ("help", "nothing"), ("--bad",)],
    ids=" ".join,
)
def test_usage(arguments: tuple[str, ...], vmstate: Command) -> None:
    result = vmstate(*arguments)
    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith("usage: vmstate")
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    "arguments",
    [("show", "x"), ("show", "x", "a", "b"), ("show", "--hex", "x", "--format=json"), ("show", "-", "a", "--offsets"),
     ("verify", "a", "b", "--source", "embedded"), ("show", "x", "--setting", "a=1", "--setting=b::c=true"),
     ("show", "x", "--setting", "p=text", "--all"), ("info", "x", "--target", "arm"), ("help",), ("help", "show"),
     ("completion", "zsh")],
    ids=" ".join,
)
def test_both_parsers_agree(arguments: tuple[str, ...]) -> None:
    quick, explained = grammar.parse(arguments), usage.parse(arguments)
    assert quick is not None
    assert (explained[0], {key: value for key, value in vars(explained[1]).items() if key != "called"}) == (
        quick[0], vars(quick[1]))


def test_settings_are_read() -> None:
    assert [grammar.setting(text) for text in ("a=1", "b::c=0x10", "x::y=true", "z=false", "s::t=PCI", "a=b=2")] == [
        ("a", 1), ("b::c", 16), ("x::y", True), ("z", False), ("s::t", "PCI"), ("a=b", 2)]


# -- completion

@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, vmstate: Command, tmp_path: Path) -> None:
    result = vmstate("completion", shell)
    assert (result.code, result.err) == (0, "")
    for name, command in grammar.COMMANDS.items():
        assert name in result.out
        for one in command.arguments:
            assert not one.is_option or one.name.removeprefix("--") in result.out
    if (found := shutil.which(shell)) is not None:
        script = tmp_path / "script"
        script.write_text(result.out, "utf-8")
        subprocess.run([found, "-n", str(script)], check=True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["vmstate", "sh"], ["show"]),
        (["vmstate", "show", "--of"], ["--offsets", "--offset"]),
        (["vmstate", "show", "x", "--format", ""], ["tree", "json", "ndjson"]),
        (["vmstate", "verify", "--format", "j"], ["json"]),
        (["vmstate", "completion", "b"], ["bash"]),
        (["vmstate", "help", "ver"], ["verify"]),
        (["vmstate", "show", "x", "--target", "a"], []),
    ],
)
def test_bash_completes(words: list[str], found: list[str], vmstate: Command, tmp_path: Path) -> None:
    script = tmp_path / "script"
    quoted = " ".join(f"'{word}'" for word in words)
    script.write_text(vmstate("completion", "bash").out + f"""
COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}
_vmstate; printf '%s\\n' "${{COMPREPLY[@]}}"
""", "utf-8")
    told = subprocess.run(["bash", str(script)], check=True, capture_output=True, text=True).stdout
    assert told.split() == found
