"""From any form of a stream into any other: QEMU's own, and documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from ..replica import Stream, written
from .envelopes import FORMS
from .reading import Document
from .writing import DocumentWriter, Sealer

Target = Literal["qemufile", "ber", "cbor", "msgpack", "json"]
TARGETS: tuple[Target, ...] = ("qemufile", "ber", "cbor", "msgpack", "json")
Out = Callable[[bytes], object]
Tick = Callable[[int], None]
"""Told how far the input was read."""


def convert_stream(stream: Stream, out: Out, to: Target, folded: bool = False, tick: Tick = lambda _: None) -> None:
    """QEMU's own form into a document; or read and written again. Raises VMStateError."""
    if to == "qemufile":
        for event in stream.events():
            tick(event.end)
            out(written(event, stream, None))
        return
    document = DocumentWriter(stream, out, FORMS[to], folded)
    for event in stream.events():
        tick(event.end)
        document.add(event)
    document.end()


def convert_document(
    document: Document, out: Out, to: Target, folded: bool = False, tick: Tick = lambda _: None
) -> None:
    """A document into QEMU's own form; or into another, item by item, so that what nobody knows goes along."""
    if to == "qemufile":
        for part in document.stream():
            tick(document.at)
            out(part)
        return
    sealer = Sealer(out, FORMS[to], folded)
    for item in document.items():
        tick(document.at)
        with document.taking(item):
            neutral = document.form.neutral(item) | (document.restated(item, FORMS[to]) if to == "ber" else {})
            if neutral["item"] == "document":
                neutral["profile"] = "compact" if folded else "named"
            sealer.put(neutral)
