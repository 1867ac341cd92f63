"""Arrays that are held as C holds them: nothing but the storage is another."""

from array import array as held
from typing import Any

import pytest

from tests.vmstate.exercise import refusal
from visitors import ber, cbor, json, msgpack, qemufile, schema
from vmstate import (
    DeclarationError,
    EncodeError,
    Packed,
    again,
    array,
    decode,
    encode,
    floating,
    load,
    record_of,
    save,
    state,
    uint8,
    uint16,
    uint32,
    uint64,
)

FORMATS = [qemufile, ber, cbor, json, msgpack]
FEW, MANY = 3, 2000


@state("packed/device", version=2)
class Device:
    """Packed."""

    few: Packed = array(uint8(), FEW, packed=True)
    count: int = uint16()
    told: Packed = array(uint32(), "count", packed=True)
    many: Packed = array(uint64(reset=7), MANY, packed=True)
    long: Packed = array(uint16(), 4, packed=True, reset=[1, 2, 3, 4, 5, 6], since=2)
    _tail = again("long", array(uint16(), 2, packed=True, start=4))


@state("packed/device", version=2)
class Listed:
    """The same in lists."""

    few: list[int] = array(uint8(), FEW)
    count: int = uint16()
    told: list[int] = array(uint32(), "count")
    many: list[int] = array(uint64(reset=7), MANY)
    long: list[int] = array(uint16(), 4, reset=[1, 2, 3, 4, 5, 6], since=2)
    _tail = again("long", array(uint16(), 2, start=4))


def filled(kind: type[Any]) -> Any:
    """One of these with something in it."""
    hold = held if kind is Device else lambda code, values: list(values)
    return kind(few=hold("B", [1, 2, 255]), count=2, told=hold("I", [0xFFFFFFFF, 3]),
                many=hold("Q", [(1 << 64) - 1 - i for i in range(MANY)]), long=hold("H", [9, 8, 7, 6, 5, 4]))


def lists(one: Any) -> list[list[int]]:
    return [list(getattr(one, name)) for name in ("few", "told", "many", "long")]


def test_reset() -> None:
    one = Device()
    assert (one.few, one.told) == (held("B", [0] * FEW), held("I"))
    assert one.many == held("Q", [7] * MANY)
    assert one.long == held("H", [1, 2, 3, 4, 5, 6])
    assert Device().many is not one.many


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.__name__)
class TestFormats:
    def test_the_bytes_are_those_of_a_list(self, form: Any) -> None:
        assert save(filled(Device), form) == save(filled(Listed), form)

    def test_load(self, form: Any) -> None:
        made = load(Device(), save(filled(Listed), form), form)
        assert made == filled(Device)
        assert [one.typecode for one in (made.few, made.told, made.many, made.long)] == ["B", "I", "Q", "H"]

    def test_decode(self, form: Any) -> None:
        data = save(filled(Listed), form)
        decoded = decode(Device, data, form)
        assert decoded.state == filled(Device)
        assert encode(decoded, form) == data

    def test_what_is_a_list_by_mistake_becomes_an_array(self, form: Any) -> None:
        one = Device()
        one.few, one.many, one.long = [0] * FEW, [0] * (MANY + 1), [0] * 7  # type: ignore[assignment]
        load(one, save(filled(Device), form), form)
        assert one.many[:MANY] == filled(Device).many
        assert one.many[MANY:] == held("Q", [0])
        assert one.long == held("H", [9, 8, 7, 6, 5, 4, 0])
        assert isinstance(one.few, held)
        assert save(one, form) == save(filled(Device), form)

    def test_too_short(self, form: Any) -> None:
        one = filled(Device)
        one.many = one.many[:-1]
        with pytest.raises(EncodeError):
            save(one, form)

    def test_a_list_of_what_does_not_fit(self, form: Any) -> None:
        one = filled(Device)
        one.many = [1 << 64] * MANY
        with pytest.raises(EncodeError):
            save(one, form)


def test_cut() -> None:
    data = save(filled(Device), qemufile)
    for n in (0, 2, 4, 8, 12, 14, 5000, len(data) - 1):
        assert refusal(Device, data[:n]) is not None
    assert refusal(Device, data + b"\0") is not None


def test_a_schema_does_not_tell() -> None:
    assert schema.text(record_of(Device)).splitlines()[4:] == schema.text(record_of(Listed)).splitlines()[4:]


@pytest.mark.parametrize("of", [floating(), uint32(maximum=3), uint32(order="little"), array(uint8(), 2)])
def test_what_cannot_be_packed(of: Any) -> None:
    with pytest.raises(DeclarationError, match="packed= is for integers of 8, 16, 32 or 64 bits"):
        @state("packed/no")
        class No:
            many: Packed = array(of, 3, packed=True)
