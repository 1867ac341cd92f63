"""Whole streams as documents of BER, CBOR, msgpack or JSON: a row of items, each with a digest (docs/formats)."""

from __future__ import annotations

from ..inputs import Searchable

HEADS = {"cbor": b"\x82\xd8\x18\x5a", "msgpack": b"\x92\xc6", "ber": b"\x30\x84", "json": b"\x1e"}
"""What an item begins with, and so a document."""


def format_of(data: Searchable) -> str:
    """The format of a document that begins so; empty if it is none."""
    head = data[:8]
    return next((name for name, begin in HEADS.items() if head.startswith(begin)), "")
