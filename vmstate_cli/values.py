"""One value out of a trace as JSON: what `state` makes of a whole section, of any part of it."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from migration.paths import is_entry
from vmstate.exchanges import EXPIRY, NOT_PENDING
from vmstate.shape import Array, Bits, Blob, Chain, Float, Int, Mapping, Opaque, Padding, Setting, Subsection
from vmstate.trace import Seen

from .state import VERSION


def plain(seen: Seen) -> Any:
    """A value; of a section's own trace an object of its members."""
    if seen.inside is None:
        return LEAVES.get(type(seen.node), _as_it_is)(seen)
    if isinstance(seen.node, Array | Chain) or (isinstance(seen.node, Mapping) and not is_entry(seen)):
        return [plain(one) for one in seen.inside]
    version = {VERSION: seen.version} if isinstance(seen.node, Subsection) else {}
    return version | {str(one.key): plain(one) for one in seen.inside if _has_place(one)}


def _has_place(seen: Seen) -> bool:
    """Padding where it holds something; a setting has its own place."""
    return any(seen.value) if isinstance(seen.node, Padding) else not isinstance(seen.node, Setting)


def _as_it_is(seen: Seen) -> Any:
    return seen.value


def _integer(seen: Seen) -> int | None:
    return None if seen.node is EXPIRY and seen.value == NOT_PENDING else seen.value


def _floating(seen: Seen) -> Any:
    return seen.value.value if isfinite(seen.value.value) else {"bits": f"{seen.value.bits:#018x}"}


def _bytes(seen: Seen) -> str:
    return bytes(seen.value).hex()


def _bits(seen: Seen) -> str:
    return f"0x{seen.value:0{2 * (seen.end - seen.begin)}x}"


LEAVES: dict[type, Callable[[Seen], Any]] = {
    Int: _integer, Float: _floating, Blob: _bytes, Opaque: _bytes, Padding: _bytes, Bits: _bits,
}
