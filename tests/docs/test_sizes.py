"""The page of sizes says what is so, and that is within the aims; what is counted is what documents have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbor2
import pytest

from bench.sizes.measure import Machine, machines
from bench.sizes.page import AIMS, NAMED_AIM, page
from devices.catalogue import registry
from migration.documents.converting import convert_stream
from migration.documents.envelopes import FORMS
from migration.replica import Stream
from tests.migration.recorded import CORPUS, NAMES, stream

PAGE = Path(__file__).parents[2] / "docs" / "formats" / "sizes.md"


@pytest.fixture(scope="module")
def measured() -> dict[str, Machine]:
    return {one.name: one for one in machines(CORPUS / "streams")}


def test_every_stream_is_measured(measured: dict[str, Machine]) -> None:
    assert list(measured) == sorted(NAMES)


def test_the_page_is_not_stale(measured: dict[str, Machine]) -> None:
    assert PAGE.read_text("utf-8") == page(list(measured.values())), "`make sizes` makes it again"


@pytest.mark.parametrize("name", AIMS)
def test_the_aims(measured: dict[str, Machine], name: str) -> None:
    one = measured[name]
    assert one.compact["cbor"] <= AIMS[name] * one.bare
    assert one.named["cbor"] <= NAMED_AIM * one.with_trailer


def test_members_and_names_are_all_there_is(measured: dict[str, Machine]) -> None:
    """But for QEMU's own marks: names of subsections, and what tells that a list goes on."""
    for one in measured.values():
        members = one.account.members.values()
        assert sum(member.cbor for member in members) + one.account.names == one.named["cbor"]
        assert 0.97 * one.bare < sum(member.bare for member in members) <= one.bare


# -- against whole documents, read by another's CBOR

def items(name: str, folded: bool) -> Iterator[Any]:
    """What the items of a document hold."""
    made, at = bytearray(), 0
    convert_stream(Stream(stream(name), registry()), made.extend, "cbor", folded)
    while at < len(made):
        body, _, at = FORMS["cbor"].unseal(bytes(made), at)
        yield cbor2.loads(body)


@pytest.mark.parametrize("name", ["none-72", "pc72-72-nodefaults"])
def test_named_documents_have_these_states(measured: dict[str, Machine], name: str) -> None:
    states = (item["state:{}"] for item in items(name, folded=False) if item["item"] == "section")
    assert sum(len(cbor2.dumps(state)) for state in states) == measured[name].named["cbor"]


@pytest.mark.parametrize("name", ["none-72", "pc72-72-nodefaults"])
def test_compact_documents_have_these_states(measured: dict[str, Machine], name: str) -> None:
    """A document has a few rows more, so that a row's number may be longer by a byte."""
    known: list[list[str]] = []
    size = sections = 0
    for new, record in list(items(name, folded=True))[1:]:
        known.extend(new)
        item: dict[str, Any] = dict(zip(known[int(record[0])], record[1:], strict=True))
        if item["item"] == "section":
            sections += 1
            size += len(cbor2.dumps(item["state:{}"])) + sum(len(cbor2.dumps(row)) for row in new if "item" not in row)
    heads = 2 * sections  # around rows and values
    assert 0 <= size + heads - measured[name].compact["cbor"] <= 0.01 * size
