"""What every peer offers: a job for a device, or Inexpressible. A job is verified before it is measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from bench.workloads import Item

from .twins import Twins


class Job(NamedTuple):
    """One device to be saved and loaded: the functions, and what they are given."""

    save: Callable[[Any], Any]
    load: Callable[[Any], Any]
    state: Any
    data: Any


class Peer(Protocol):
    """A module of this folder."""

    NAME: str
    WHAT: str

    def job(self, twins: Twins) -> Job:
        """Raises Inexpressible."""
        ...


class Device(Protocol):
    """A device in a peer's classes."""

    item: Item
    state: Any


def verified(twins: Device, save: Callable[[Any], Any], load: Callable[[Any], Any], wanted: bytes | None = None) -> Job:
    """The job, once it has given the same values, and the same bytes where they are to be QEMU's.

    Raises ValueError where it did not.
    """
    data = save(twins.state)
    if wanted is not None and bytes(data) != wanted:
        raise ValueError(f"{twins.item.label}: other bytes")
    if load(data) != twins.state:
        raise ValueError(f"{twins.item.label}: other values")
    return Job(save, load, twins.state, data)
