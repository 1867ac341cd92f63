"""Every format, every declared device, random states: what is loaded is what was saved, and all tell it in one order.

The states are the same on every run; a state is told by its device and seed, `state_of(name, seed)`. `make properties`
takes many more of each device.
"""

from typing import Any

import pytest
from hypothesis import settings

from tests.visitors.judged import DEVICES
from tests.visitors.test_asn1 import Judge, agrees
from tests.visitors.test_formats import FORMS
from tests.visitors.test_schema import accepts
from tests.vmstate.exercise import chance, tokens
from visitors import json, qemufile, tree
from visitors.tokens import Token
from vmstate import Decoded, encode
from vmstate.compat.drawing import MOST_ELEMENTS, drawn
from vmstate.walk import Mode

ALL: dict[str, Any] = {"qemufile": qemufile, "tree": tree, **FORMS}
STATES = max(1, settings.default.max_examples // 20)
"""Of each device: 5, if this is no long run."""
ENOUGH = 6_000
"""Tokens a state, on average: devices of thousands of records have fewer states, but one at least."""
MOST = MOST_ELEMENTS if STATES < 50 else 10 * MOST_ELEMENTS
"""A long run takes buffers of the size of a drive's transfer too."""


def state_of(name: str, seed: int) -> Decoded[Any]:
    """The state of a device that this seed draws."""
    return drawn(DEVICES[name], chance(f"{name} {seed}"), most=MOST)


def saved(form: Any, decoded: Decoded[Any]) -> tuple[Any, list[Token]]:
    """A state in this format, and what the writer was told."""
    writer = form.writer()
    told = tokens(writer, decoded.state, Mode.WIRE, decoded.version)
    return writer.result(), told


def loaded(form: Any, document: Any, decoded: Decoded[Any]) -> tuple[Any, list[Token]]:
    """The state again, and what the reader told. Only QEMU's format has to be told the settings."""
    it, reader = decoded.record.make(), form.reader(document)
    told = tokens(reader, it, Mode.WIRE, decoded.version, decoded.settings if form is qemufile else None)
    reader.finish()
    assert not reader.report
    return it, told


def agreed(decoded: Decoded[Any]) -> int:
    """Through all formats and back. Returns how many tokens that was, in each format."""
    documents, told = dict[str, Any](), dict[str, list[Token]]()
    for name, form in ALL.items():
        documents[name], told[name] = saved(form, decoded)
        it, read = loaded(form, documents[name], decoded)
        assert it == decoded.state, name
        assert read == told[name] == told["qemufile"], name
    return len(told["qemufile"])


@pytest.mark.hypothesis
@pytest.mark.parametrize("name", DEVICES)
def test_all_formats_agree(name: str) -> None:
    left = STATES * ENOUGH
    for seed in range(STATES):
        left -= agreed(state_of(name, seed))
        if left <= 0:
            break


@pytest.mark.parametrize("name", DEVICES)
def test_schemas_have_it(name: str) -> None:
    """Judges that are not ours: jsonschema, and asn1tools, which finds the same values in BER as there are in CBOR."""
    decoded = state_of(name, 0)
    assert accepts(decoded.record, encode(decoded, json))
    assert agrees(decoded, Judge(decoded.record))
