"""The recorded streams are those that the manifest tells of."""

import hashlib
import json
from pathlib import Path

import pytest
import zstandard

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus"
STREAMS = json.loads((CORPUS / "manifest.json").read_text("utf-8"))["streams"]


def _decompressed(path: Path) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())


def test_the_manifest_is_complete() -> None:
    assert {entry["file"] for entry in STREAMS} == {path.name for path in (CORPUS / "streams").iterdir()}
    assert [entry["name"] for entry in STREAMS] == sorted({entry["name"] for entry in STREAMS})


def test_the_readme_tells_of_every_stream() -> None:
    text = (CORPUS / "README.md").read_text("utf-8")
    assert not [entry["name"] for entry in STREAMS if f"`{entry['name']}`" not in text]


@pytest.mark.parametrize("entry", STREAMS, ids=lambda entry: str(entry["name"]))
def test_the_stream_is_unchanged(entry: dict[str, object]) -> None:
    data = _decompressed(CORPUS / "streams" / str(entry["file"]))
    assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["size"], entry["sha256"])


def test_the_samples_are_streams_of_the_corpus() -> None:
    known = {entry["sha256"] for entry in STREAMS}
    samples = sorted((ROOT / "samples").glob("*.zst"))
    assert samples
    assert not [path.name for path in samples if hashlib.sha256(_decompressed(path)).hexdigest() not in known]
