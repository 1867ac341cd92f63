"""Unknown attributes that are odd: refused, or else kept and written in every format."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from migration.documents.envelopes import FORMS as DOCUMENTS
from tests.visitors.test_formats import FORMS, Older
from visitors import qemufile
from visitors._folding import fold
from vmstate import EncodeError, VMStateError, decode, encode

pytestmark = pytest.mark.xfail(
    strict=False, reason="values that nobody knows are kept as they come: nobody looks at their type or depth")

# -- lists in lists

END = b"\0\0"


def ber(kind: bytes, deep: int) -> bytes:
    """All lengths indefinite, so that each is the same whatever is inside."""
    known = b"\xa0\x80\x0c\x05n:u16\x02\x01\x01" + END
    other = b"\xe1\x80\x0c\x82" + (len(kind) + 2).to_bytes(2, "big") + b"x:" + kind + b"\x30\x80" * deep + END * deep
    return b"\x31\x80" + known + other + END + END


def cbor(kind: bytes, deep: int) -> bytes:
    name = b"\x79" + (len(kind) + 3).to_bytes(2, "big") + b"?x:" + kind
    return b"\xa2\x65n:u16\x01" + name + b"\x81" * (deep - 1) + b"\x80"


def msgpack(kind: bytes, deep: int) -> bytes:
    name = b"\xda" + (len(kind) + 3).to_bytes(2, "big") + b"?x:" + kind
    return b"\x82\xa5n:u16\x01" + name + b"\x91" * (deep - 1) + b"\x90"


def json(kind: bytes, deep: int) -> bytes:
    return b'{"n:u16":1,"?x:' + kind + b'":' + b"[" * deep + b"]" * deep + b"}"


@pytest.mark.parametrize("deep", [1, 2, 100, 250, 490, 600, 900, 985, 5000])
@pytest.mark.parametrize("typed", [False, True], ids=["of any type", "of its type"])
@pytest.mark.parametrize("make", [ber, cbor, msgpack, json], ids=lambda make: make.__name__)
def test_lists_in_lists(make: Callable[[bytes, int], bytes], typed: bool, deep: int) -> None:
    kind = b"[" * deep + b"]" * deep if typed else b"[]"
    try:
        decoded = decode(Older, make(kind, deep), FORMS[make.__name__])
    except VMStateError:
        assert deep > 100
        return
    assert decoded.state == Older(n=1)
    for form in FORMS.values():
        assert decode(Older, encode(decoded, form), form).state._kept == decoded.state._kept
    with pytest.raises(EncodeError):
        encode(decoded, qemufile)


# -- values that are not of their type

TYPES = ("", "u8", "b", "b2", "f64", "time", "bits9", "{}", "{}?", "[{}]", "[[{}]]", "[u8]", "<u8,{}>", "<{},u8>",
         "<u8,u8>", "<,>", "<", "[", "{", "?", "[?]", "x")
VALUES: tuple[Any, ...] = (
    1, None, True, 1.5, "text", "00", b"00", [], [1], [None], [[1]], [[{}]], {}, {"a": 1}, {"a:{}": 1}, [{}],
    [{"key": 1}], [{"key": 1, "value": 2}], [{"key": {}, "value": {}}], [{"key": 1, "value": 2, "more": 3}],
)


def document(name: str, kind: str, value: Any) -> bytes:
    """A state with such an attribute. Empty where the format has no bytes for it."""
    tree: Any = {"n:u16": 1, f"?x:{kind}": value}
    with suppress(Exception):
        return DOCUMENTS[name.partition(" ")[0]].dumps(fold(tree) if name.endswith("compact") else tree)
    return b""


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("name", FORMS)
def test_a_value_that_is_not_of_its_type(name: str, kind: str) -> None:
    """What one format takes all take, whichever comes next."""
    for value in VALUES:
        try:
            decoded = decode(Older, document(name, kind, value), FORMS[name])
        except VMStateError:
            continue
        for form in FORMS.values():
            assert decode(Older, encode(decoded, form), form).state == Older(n=1)
