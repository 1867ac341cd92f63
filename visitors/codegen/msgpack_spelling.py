"""msgpack as generated code spells it."""

from __future__ import annotations

from typing import Any

import msgpack as msgpack_python  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]

from .. import msgpack
from .patterns import Form, Forms, wider
from .spelling import Counted
from .support import Miss

_library: Any = msgpack_python
_packer: Any = _library.Packer()


class Msgpack(Counted):
    """Shortest forms too."""

    any_real = Form(rb"\xcb", 8), Form(rb"\xc4\x08", 8)
    any_record = Form(rb"[\x80-\x8f]", 0), Form(rb"\xde", 2)

    def dumps(self, value: Any) -> bytes:
        return bytes(_library.packb(value))

    def loads(self, data: bytes) -> Any:
        return msgpack.loads(data)

    def quick(self, data: bytes) -> Any:
        return _library.unpackb(data)

    def record(self, n: int) -> bytes:
        return bytes(_packer.pack_map_header(n))

    def items(self, n: int) -> bytes:
        return bytes(_packer.pack_array_header(n))

    def octets(self, n: int) -> bytes:
        return b"\xc4" + n.to_bytes(1, "big") if n < 1 << 8 else (
            b"\xc5" + n.to_bytes(2, "big") if n < 1 << 16 else b"\xc6" + n.to_bytes(4, "big"))

    def items_head(self, data: bytes, at: int) -> tuple[int, int]:
        if 0x90 <= data[at] < 0xA0:
            return data[at] - 0x90, at + 1
        return _told({0xDC: 2, 0xDD: 4}, data, at)

    def octets_head(self, data: bytes, at: int) -> tuple[int, int]:
        return _told({0xC4: 1, 0xC5: 2, 0xC6: 4}, data, at)

    def text_head(self, data: bytes, at: int) -> tuple[int, int]:
        if 0xA0 <= data[at] < 0xC0:
            return data[at] - 0xA0, at + 1
        return _told({0xD9: 1, 0xDA: 2, 0xDB: 4}, data, at)

    def whole(self, bits: int, signed: bool) -> Forms:
        if signed:
            return Form(rb"[\x00-\x7f\xe0-\xff]", 0), *wider(bits, 0xCC, 0xD0)
        return Form(rb"[\x00-\x7f]", 0), *wider(bits, 0xCC)


def _told(sizes: dict[int, int], data: bytes, at: int) -> tuple[int, int]:
    """A length behind one of these octets, and its end. Raises Miss."""
    if (size := sizes.get(data[at])) is None:
        raise Miss
    return int.from_bytes(data[at + 1:at + 1 + size], "big"), at + 1 + size


MSGPACK = Msgpack()
