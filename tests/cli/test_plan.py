"""`vmstate plan`: what generated code does with each member."""

from __future__ import annotations

import ast
import json

import pytest

from tests.cli.command import Command


def test_members(vmstate: Command) -> None:
    result = vmstate("plan", "ps2kbd", "virtio-mem", "--code", "decode")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("ps2kbd version 3, decode: 11 members\n  fused     parent.write_cmd")
    assert "  walked    mem.plugged (a bitmap whose length the state tells)\n" in result.out


def test_json(vmstate: Command) -> None:
    (found,) = json.loads(vmstate("plan", "pcspk", "--format", "json").out)["plans"]
    assert found == {"device": "pcspk", "version": 1, "code": "load-into", "members": [
        {"member": "data_on", "how": "fused", "why": ""}, {"member": "dummy_refresh_clock", "how": "fused", "why": ""}]}


@pytest.mark.parametrize("code", ["save", "load", "load-into", "encode", "decode"])
def test_source(code: str, vmstate: Command) -> None:
    result = vmstate("plan", "hpet", "--code", code, "--source")
    (function,) = ast.parse(result.out).body
    assert isinstance(function, ast.FunctionDef)


def test_in_colour(vmstate: Command) -> None:
    assert "\x1b[33mwalked" in vmstate("plan", "virtio-mem", "--code", "decode", "--color", "always").out


def test_no_such_device(vmstate: Command) -> None:
    result = vmstate("plan", "hpat")
    assert (result.code, result.out) == (2, "")
    assert "no device hpat; there is hpet" in result.err
