"""JSON as generated code spells it: with a comma behind each entry and element.

So what stands behind one does not depend on what follows. `open_up` makes such text of a document, and `closed` the
document of such text: both go over all of it once, at the speed of memory.
"""

from __future__ import annotations

import json as python
import re
from binascii import hexlify, unhexlify
from typing import Any

from vmstate.values import Float64

from .. import json
from .._tree import SETTINGS
from .patterns import Form, Forms, Many
from .spelling import Spelling
from .support import Miss
from .tables import limits

HEX = b"[0-9a-f]"
NAME = re.compile(rb'"(?:[^"\\]|\\.)*":', re.DOTALL)
FLOAT = rb"-?[0-9]+(?:\.[0-9]+)?(?:e[-+][0-9]+)?"


def open_up(document: bytes) -> bytes:
    """The text with a comma behind each entry and element, wherever brackets stand: in names too."""
    text = document.replace(b"]", b",]").replace(b"}", b",}")
    return text.replace(b"[,]", b"[]").replace(b"{,}", b"{}")


def closed(text: bytes) -> bytes:
    """The document again."""
    return text.replace(b",]", b"]").replace(b",}", b"}")


class Json(Spelling):
    """RFC 8259, as `visitors.json` writes it."""

    any_real = Form(FLOAT, 0), Form(b'"%s{16}"' % HEX, 0)
    behind = b","
    close = ord("}")

    def dumps(self, value: Any) -> bytes:
        return open_up(json.dumps(value))

    def loads(self, data: bytes) -> Any:
        return json.loads(data)

    def read(self, data: bytes) -> int:
        return int(data)

    def entry_at(self, data: bytes, at: int) -> tuple[bytes, int, int | None]:
        if (name := NAME.match(data, at)) is None:
            raise Miss
        return name[0], name.end(), None

    def label(self, label: str, number: int) -> bytes:
        return self.dumps(label) + b":"

    def whole(self, bits: int, signed: bool) -> Forms:
        digits = max(len(str(one).lstrip("-")) for one in limits(bits, signed)) - 1
        return (Form(b"(?:0|%s[1-9][0-9]{0,%d})" % (b"-?" if signed else b"", digits), 0),)

    def many(self, bits: int, signed: bool) -> Many:
        return Numbers(self.whole(bits, signed)[0].text, *limits(bits, signed))

    @property
    def given(self) -> dict[str, Any]:
        return super().given | {
            "begin": self.begin, "closed": closed, "commas": commas, "float_of": float_of, "hexlify": hexlify,
            "octets_at": octets_at, "unhexlify": unhexlify}

    def begin(self, document: bytes) -> tuple[bytes, dict[str, Any]]:
        """A document's text without its settings, and these. Raises Miss."""
        name = b'"%s":' % SETTINGS.encode()
        at = document.rfind(name)
        if at < 0:
            return open_up(document), {}
        told = self.told[document[at + len(name):-1]].copy()
        return open_up(document[:at - (document[at - 1:at] == b",")] + b"}"), told


class Numbers(Many):
    """Integers of one width, many in a list: Python's reader takes them. Raises Miss where one is out of range."""

    def __init__(self, pattern: bytes, least: int, most: int) -> None:
        self.pattern, self._least, self._most = b"%s," % pattern, least, most

    def __call__(self, raw: bytes, count: int) -> list[int]:
        """Their values."""
        found: list[int] = python.loads(b"[%s]" % raw[:-1])
        if found and (min(found) < self._least or max(found) > self._most):
            raise Miss
        return found


def commas(elements: Any) -> bytes:
    """Elements, a comma behind each."""
    joined = b",".join(elements)
    return joined + b"," if joined else b""


def float_of(data: bytes) -> Float64:
    """A float, as a number or as its 8 bytes. Raises Miss where it stands in another way than the writer's."""
    if data[:1] == b'"':
        bits = int(data[1:-1], 16)
        return Float64(bits) if JSON.real(bits) == data else _missed()
    found = Float64.of(float(data))
    return found if JSON.real(found.bits) == data else _missed()


def _missed() -> Float64:
    raise Miss


def octets_at(data: bytes, at: int) -> tuple[bytes, int]:
    """Bytes that stand here, and the place behind them. Raises Miss."""
    end = data.find(b'"', at + 1)
    if data[at:at + 1] != b'"' or end < 0:
        raise Miss
    return data[at + 1:end], end + 1


JSON = Json()
