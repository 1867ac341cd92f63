"""The recorded streams of tests/corpus, by name."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import zstandard

CORPUS = Path(__file__).parents[1] / "corpus"
STREAMS: dict[str, dict[str, Any]] = {
    entry["name"]: entry for entry in json.loads((CORPUS / "manifest.json").read_text("utf-8"))["streams"]
}
NAMES = list(STREAMS)


def packed(name: str) -> Path:
    """The compressed file."""
    return CORPUS / "streams" / STREAMS[name]["file"]


@cache
def stream(name: str) -> bytes:
    """The stream's bytes. Called once for each, as they do not change."""
    return zstandard.ZstdDecompressor().decompressobj().decompress(packed(name).read_bytes())
