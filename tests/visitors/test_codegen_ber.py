"""Generated code for BER: lengths, which its elements begin with."""

import pytest

from tests.visitors.test_codegen_trees import agree
from visitors import ber, codegen
from visitors._tlv import element
from visitors.codegen.lengths import length, length_at
from visitors.codegen.support import Miss
from vmstate import Decoded, array, buffer, int8, load, nested, record_of, save, state, uint8, uint64
from vmstate.format import write
from vmstate.trial import Trial
from vmstate.walk import Mode


@state(name="inner", version=1)
class Inner:
    of: int = uint8()
    wide: int = uint64()


@state(name="outer", version=1)
class Outer:
    data: bytearray = buffer(100)
    """The record is as long as one octet of length says, or a little longer."""
    many: list[int] = array(uint8(), 40)
    small: list[int] = array(int8(), 2)
    inner: Inner = nested(Inner)
    inners: list[Inner] = array(nested(Inner), 100)
    last: int = uint64(name="l" * 110)


CODE = codegen.plan(Outer, ber)


def outer(number: int) -> Outer:
    """Every integer is this one, as far as it has the bits."""
    made = Outer(many=[number % 256] * 40, small=[number % 128, -1], last=number % (1 << 64))
    for one in (made.inner, *made.inners):
        one.of, one.wide = number % 256, number % (1 << 64)
    return made


@pytest.mark.parametrize("number", [(1 << bits) - less for bits in (0, 7, 8, 15, 32, 63, 64) for less in (1, 0)])
def test_integers_of_all_lengths(number: int) -> None:
    made = outer(number % (1 << 64))
    data = write(record_of(Outer), made, ber.writer(), 1, Mode.LIVE)
    assert CODE.save(made) == data
    assert CODE.load(data) == CODE.load_into(Outer(), data) == made
    assert CODE.read_into(Outer(), data, Trial()) is not None


@pytest.mark.parametrize("size", [0, 1, 126, 127, 128, 129, 255, 256, 65535, 65536, 1 << 24])
def test_lengths(size: int) -> None:
    octets = length(size)
    assert octets == element(b"", bytes(size))[:len(octets)]
    assert length_at(b"?" + octets, 1) == (size, 1 + len(octets))


def test_indefinite_lengths_are_left_to_the_walk() -> None:
    with pytest.raises(Miss):
        length_at(b"\x80", 0)
    made = outer(5)
    data = save(made, ber)
    begin = length_at(data, 1)[1]
    other = data[:1] + b"\x80" + data[begin:] + b"\0\0"
    assert CODE.load(other) == load(Outer(), other, ber) == made


def test_longer_lengths_are_taken() -> None:
    """As the walk takes them: more octets than a length needs."""
    data = save(outer(5), ber)
    size, begin = length_at(data, 1)
    for octets in (b"\x83" + size.to_bytes(3, "big"), b"\x88" + size.to_bytes(8, "big")):
        other = data[:1] + octets + data[begin:]
        assert CODE.load(other) == outer(5)


@pytest.mark.parametrize("by", [-1, 1])
def test_no_length_may_be_another(by: int) -> None:
    """Each of a document's octets that are no length changes a value, or is refused; each length is."""
    made = outer(5)
    data, decoded = save(made, ber), Decoded(made, 1, record_of(Outer))
    for at in range(0, len(data), 1 if len(data) < 600 else 7):
        agree(decoded, ber, data[:at] + bytes(((data[at] + by) % 256,)) + data[at + 1:], CODE)
