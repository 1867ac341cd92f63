"""Who is measured: code by hand, ourselves, the peers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import cast

from attrs import frozen

from . import authors, ours
from .calls import Call, Calls, expect
from .hand.plain import copied, same
from .hand.table import HAND
from .peers.layout import Inexpressible
from .peers.peer import Peer
from .peers.twins import Twins
from .workloads import Item

PEERS = (
    "msgspec_whole", "msgspec_msgpack", "cattrs_msgpack", "cattrs_cbor2", "dicts_msgpack", "dicts_cbor2",
    "protobuf_upb", "pickle5", "construct_compiled", "construct_interpreted", "dissect_cstruct", "asn1tools_ber",
)
OURS = "vmstate"
BY_HAND = "by hand"


@frozen
class Side:
    """`calls` raises Inexpressible for a device that it has no words for, Unequal where its results are wrong."""

    name: str
    what: str
    calls: Callable[[Item], Calls]


@cache
def sides() -> dict[str, Side]:
    """All, by name; that by hand first."""
    found = [
        Side(BY_HAND, "fused `struct.Struct`, QEMU's stream", by_hand),
        Side(OURS, "generated code, QEMU's stream", ours.generated),
        Side(f"{OURS}, walked", "the walk, QEMU's stream", ours.walked),
        Side("methods alone", "the author's hooks and predicates that the walk calls", authors.calls),
        *(Side(f"{OURS} {name}", "with names and types", partial(ours.document, name)) for name in ours.FORMATS),
        *(one for module in PEERS if (one := peer(module)) is not None),
    ]
    return {one.name: one for one in found}


def by_hand(item: Item) -> Calls:
    """Verified against the walk: the same bytes, the same states."""
    if (hand := HAND.get(item.record.kind)) is None:
        raise Inexpressible("nobody wrote it")
    state, target = copied(item.state), copied(item.loaded())
    expect(hand.save(state) == item.body, f"{item.label}: other bytes")
    expect(same(hand.load_into(target, item.body), item.again), f"{item.label}: another state")
    calls: Calls = {"save": Call(hand.save, (state,)), "load into": Call(hand.load_into, (target, item.body))}
    if item.fresh:
        expect(same(hand.load(item.body), item.new), f"{item.label}: another new state")
        calls["load"] = Call(hand.load, (item.body,))
    return calls


def peer(module: str) -> Side | None:
    """A module of `peers`; None where what it needs is not installed."""
    try:
        found = cast(Peer, import_module(f"bench.peers.{module}"))
    except ModuleNotFoundError as error:
        print(f"{module}: {error.name} is not installed", file=sys.stderr)
        return None
    return Side(found.NAME, found.WHAT, partial(_peers_calls, found))


def _peers_calls(found: Peer, item: Item) -> Calls:
    job = found.job(_twins(item))
    calls: Calls = {"save": Call(job.save, (job.state,))}
    if item.fresh:
        calls["load"] = Call(job.load, (job.data,))
    return calls


@cache
def _twins(item: Item) -> Twins:
    return Twins(item)
