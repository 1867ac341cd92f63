"""The tree with its wire types, as formats of bytes carry it: each key is `name:type` (see `_types`).

Leaves are what such formats have: int, bool, float, bytes and None. A float that is not finite is its 8 bytes, as no
format promises to keep a NaN; a bitmap is bytes too, bit i being bit i % 8 of byte i // 8; a timer that is not pending
is None.

A format gives such a tree its bytes: `dumps` and `loads`. Its `compact` profile does so with the folded tree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

from vmstate.errors import DecodeError, EncodeError, Finding, Key, Mismatch, render_path
from vmstate.exchanges import EXPIRY, NOT_PENDING
from vmstate.kept import Foreign
from vmstate.nodes import Node, node
from vmstate.shape import Bits, Float, Int, Member, Record, Subsection
from vmstate.values import Float64
from vmstate.visitor import Bytes

from . import _tree_reader, tree
from ._folding import fold, unfold
from ._tree import Tree, fits, said, words
from ._types import RECORD, compared, key_of, parted, spelled, type_of
from ._values import number, unknown

D = TypeVar("D")


class Writer(tree.Builder, Generic[D]):
    """Builds a typed tree, and gives it its bytes."""

    def __init__(self, dumps: Callable[[Any], D], folded: bool = False) -> None:
        super().__init__()
        self._dumps, self._folded = dumps, folded

    def result(self) -> D:
        document = self.document()
        return self._dumps(fold(document) if self._folded else document)

    def label(self, node: Member | Subsection) -> str:
        return spelled(node.name, RECORD, node.skippable) if isinstance(node, Subsection) else key_of(node)

    def named(self, label: str) -> str:
        return parted(label)[0]

    def foreign_label(self, one: Foreign) -> str:
        return spelled(one.name, one.type, one.skippable)

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        if shape is EXPIRY and value == NOT_PENDING:
            self.put(None)
            return value
        return super().integer(key, shape, bits, value)

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        self.put(number(value))
        return value

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        self.put(value.to_bytes(words(count) // 8, "little"))
        return value

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        """Only what a reader takes again: whoever calls may have put anything there."""
        for one in known:
            try:
                unknown(Reader({}), one.name, one.value, one.type)
            except DecodeError as error:
                raise EncodeError(error.message, path=error.path, hint="nobody here knows this attribute") from None
        return super().foreign(record, known)


class Reader(_tree_reader.Reader):
    """Reads a typed tree. `report` tells where another integer type came than is declared."""

    def __init__(self, data: Any) -> None:
        self.report: list[Finding] = []
        super().__init__(unfold(cast("Sequence[Any]", data)) if isinstance(data, list) else data)

    def _name(self, key: str) -> str:
        return parted(key)[0]

    def _meets(self, node: Member, key: str) -> None:
        """Another integer type is reported, and taken if the value is in range; any other type is refused."""
        mine, theirs = type_of(node.shape), parted(key)[1]
        verdict = compared(mine, theirs)
        if verdict == "wrong":
            raise Mismatch(f"sent as {theirs or 'nothing'}, declared as {mine}", expected=mine, actual=theirs)
        if verdict == "another":
            path = render_path((*self._path, node.key))
            self.report.append(Finding(f"sent as {theirs}, declared as {mine}", path))

    def _foreign(self, key: str, value: Any) -> Foreign:
        name, kind, skippable = parted(key)
        return Foreign(name, kind, unknown(self, name, value, kind), skippable)

    def octets(self, value: Any, /) -> bytes:
        """Bytes, as this format has them. Raises Mismatch."""
        if not isinstance(value, bytes | bytearray):
            raise Mismatch(expected="bytes", actual=said(value))
        return bytes(value)

    def float_bits(self, value: Any, /) -> int:
        """The 64 bits of a float, as this format has it. Raises Mismatch."""
        if type(value) is float:
            return Float64.of(value).bits
        if len(data := self.octets(value)) != 8:
            raise Mismatch(expected="a float, or its 8 bytes", actual=said(data))
        return int.from_bytes(data, "big")

    def _bytes(self) -> Bytes:
        return self.octets(self._get())

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        if shape is not EXPIRY:
            return super().integer(key, shape, bits, value)
        expiry = self._typed(int, type(None))
        if expiry is not None and not fits(expiry, bits, shape.signed):
            raise Mismatch(expected="nanoseconds, or null", actual=said(expiry))
        return NOT_PENDING if expiry is None else int(expiry)

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        return self.float_bits(self._get())

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        data, size = self._bytes(), words(count) // 8
        if len(data) != size:
            raise Mismatch(expected=f"{size} bytes", actual=f"{len(data)} bytes")
        return int.from_bytes(data, "little")


@node
class Profile(Node, Generic[D]):
    """A format in one profile: a reader of either, and a writer of this one."""

    reader: Callable[[D], Reader]
    writer: Callable[[], Writer[D]]


def distinct(pairs: list[tuple[Any, Any]]) -> Tree:
    """An object's pairs as a dict. Raises Mismatch where a key repeats, or is no text."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise Mismatch(f"{next(key for key in keys if keys.count(key) > 1)!r} is there twice")
    return found
