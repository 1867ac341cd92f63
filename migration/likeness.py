"""A live device like the one at the source, in what no byte carries: as its machine type decides, and as was given.

Somebody may have set what a machine type usually decides, and a machine type without a version decides nothing. So a
device is as on its own machine type if it would be saved there with the subsections that came, else as on the newest
one of which that is true (exact fit).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visitors import qemufile
from vmstate import Decoded, VMStateError, decode
from vmstate.machine_types import MachineType, decided, states_within, suit

from .reloading import Reload
from .sections import Section

NEWEST = MachineType("", (1 << 16,))


def liken(section: Section, decoded: Decoded[Any], machine: MachineType | None, given: Mapping[str, object]) -> None:
    """Sets such facts of a section's state, before it is loaded live. `given`: by path; these win."""
    usual = machine or NEWEST
    others = _others(decoded.state)
    fitting = (one for one in (usual, *others) if is_as_sent(section, decoded, one, given))
    _set(decoded.state, next(fitting, usual) if others else usual, given)


def is_as_sent(
    section: Section, decoded: Decoded[Any], machine: MachineType, given: Mapping[str, object] | None = None
) -> bool:
    """Whether a section loaded on this machine type is saved with the subsections that came.

    Tried with a copy, without the hooks that wait for all devices.
    """
    version, settings = section.header.version, decoded.settings
    try:
        state = decode(decoded.record, section.body, qemufile, version=version, settings=settings).state
        _set(state, machine, given or {})
        trial = Reload.of(state, section.body, qemufile, version, settings)
        trial.saved()
    except VMStateError:
        return False
    return not trial.moved


def _set(state: Any, machine: MachineType, given: Mapping[str, object]) -> None:
    suit(state, machine)
    for path, value in given.items():
        _tell(state, path, value)


def _tell(state: Any, path: str, value: object) -> None:
    """One fact, by the attribute that holds it; a state without that attribute is left alone."""
    *above, name = path.split(".")
    for step in above:
        state = getattr(state, step, None)
    old = getattr(state, name, None)
    if isinstance(old, int) and isinstance(value, int):
        setattr(state, name, type(old)(value))


def _others(state: Any) -> list[MachineType]:
    """A machine type for each way that a state may be, the newest first; none where there is but one way."""
    ends = sorted({end for one in states_within(state) for before in decided(one).values() for end in before},
                  key=lambda one: one.version, reverse=True)
    return [NEWEST, *ends, MachineType(ends[-1].family, ())] if ends else []
