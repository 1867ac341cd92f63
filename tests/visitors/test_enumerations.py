"""Enumerations: in settings they are numbers, and an element's default is its enumeration's."""

from enum import IntEnum, IntFlag
from typing import Any

import pytest

from visitors import ber, cbor, json, msgpack, tree
from vmstate import Decoded, decode, encode, enum, record_of, setting, state, uint8

FORMATS = [ber, cbor, json, msgpack, tree]


class Colour(IntEnum):
    RED = 1
    BLUE = 2


class Has(IntFlag):
    NOTHING = 0
    MORE = 2


@state("enumerations/device")
class Device:
    has: Has = setting(Has.NOTHING, Has.MORE)
    kind: Colour = setting(Colour.RED, Colour.BLUE)
    more: int = uint8(when=lambda self: self.has & Has.MORE)
    colour: Colour = enum(Colour, uint8(reset=2, default=1))


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.__name__)
def test_settings_of_flags(form: Any) -> None:
    device = Device(has=Has.MORE, kind=Colour.BLUE, more=7, colour=Colour.BLUE)
    data = encode(Decoded(device, 1, record_of(Device)), form)
    found = decode(Device, data, form)
    assert found.state == device
    assert encode(found, form) == data


def test_the_default_of_what_carries_it() -> None:
    found = decode(Device, {"@settings": {"has": 0, "kind": 1}}, tree)
    assert found.state.colour is Colour.RED
