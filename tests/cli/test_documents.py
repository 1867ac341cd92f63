"""Documents where streams are expected: they are the streams that they were made of."""

import json
from pathlib import Path

import pytest

from migration.documents.envelopes import FORMS
from tests.cli.command import Command, recorded
from tests.documents.edits import added, changed
from vmstate_cli import exits

NAME = "none-72"
PROFILES = [(form, profile) for form in FORMS for profile in ("named", "compact")]
EVERY = pytest.mark.parametrize(("form", "profile"), PROFILES)


def made(vmstate: Command, folder: Path, form: str, profile: str = "named", name: str = NAME) -> Path:
    """A recorded stream as a document."""
    out = folder / f"{name}.{form}"
    assert vmstate("convert", recorded(name), "--to", form, "--profile", profile, "-o", out).code == exits.FINE
    return out


def shown(vmstate: Command, file: Path) -> str:
    """All but the line that names the file."""
    found = vmstate("show", file, "--offsets")
    assert found.code == exits.FINE
    return found.out.partition("\n")[2]


@EVERY
def test_shown_as_the_stream_is(form: str, profile: str, vmstate: Command, tmp_path: Path) -> None:
    document = made(vmstate, tmp_path, form, profile)
    assert shown(vmstate, document) == shown(vmstate, recorded(NAME))


@EVERY
def test_info_says_what_document_it_is(form: str, profile: str, vmstate: Command, tmp_path: Path) -> None:
    document = made(vmstate, tmp_path, form, profile)
    told = json.loads(vmstate("info", document, "--format", "json").out)
    plain = json.loads(vmstate("info", recorded(NAME), "--format", "json").out)
    assert told.pop("document") == f"{form}, {profile}"
    assert plain.pop("document") is None
    assert {**told, "file": ""} == {**plain, "file": ""}
    assert f"in a document: {form}, {profile}" in vmstate("info", document).out


@EVERY
def test_verified(form: str, profile: str, vmstate: Command, tmp_path: Path) -> None:
    assert vmstate("verify", made(vmstate, tmp_path, form, profile)).code == exits.FINE


def test_a_channel(vmstate: Command, tmp_path: Path) -> None:
    """What is no main stream may be in a document as well."""
    channel = next((recorded(NAME).parents[1] / "channels").glob("*.zst"))
    out = tmp_path / "channel.cbor"
    assert vmstate("convert", channel, "--to", "cbor", "-o", out).code == exits.FINE
    assert vmstate("verify", out).code == exits.FINE
    assert shown(vmstate, out) == shown(vmstate, channel)


@pytest.mark.parametrize("command", ["show", "info", "verify"])
def test_damage_names_the_section(command: str, vmstate: Command, tmp_path: Path) -> None:
    document = made(vmstate, tmp_path, "json", name="pc72-72-nodefaults")
    text = document.read_text()
    document.write_text(text.replace('"hpet_counter:u64":0', '"hpet_counter:u64":1'))
    found = vmstate(command, document)
    assert found.code == exits.DAMAGED
    assert "hpet" in found.err
    assert "digest" in found.err


def test_what_nobody_knows_is_told(vmstate: Command, tmp_path: Path) -> None:
    """QEMU's form of it has no place for an attribute that may be skipped: it is shown without."""
    document = tmp_path / "mood.cbor"
    document.write_bytes(changed(made(vmstate, tmp_path, "cbor", name="pc72-72-nodefaults").read_bytes(),
                                 added("hpet", "?mood:u8", 3)))
    found = vmstate("show", document, "hpet")
    assert found.code == exits.FINE
    assert "hpet: mood was dropped" in found.err
    assert vmstate("convert", document, "-o", tmp_path / "back.qemu").code == exits.DAMAGED
