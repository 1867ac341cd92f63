"""A pinned state: one of a declared device, as a release wrote it, in three formats.

`FOLDER/RELEASE/DEVICE.vVERSION.FORM`: DEVICE is what the device's schema would be called, FORM is `qemu` (a section's
body), `cbor` or `ber`, with `.gz` behind it where it is long. The state is drawn, by a seed of its name alone: legal,
and such that a live load takes it and a live save gives it back.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from visitors import ber, cbor, qemufile
from vmstate import Decoded, Record, VMStateError, encode, load, save
from vmstate.compat.drawing import Drawn
from vmstate.nodes import Node, node
from vmstate.trial import Trial
from vmstate.walk import Mode, Walk

from .trouble import Unusable

FORMS: dict[str, Any] = {"qemu": qemufile, "cbor": cbor, "ber": ber}
NAMED = ("cbor", "ber")
DARING = tuple(daring for daring, times in (
    (1.0, 12), (0.5, 8), (0.2, 8), (0.05, 8), (0.01, 12), (0.002, 12), (0.0003, 12)) for _ in range(times))
"""How likely a value of the state is another than after reset, attempt by attempt."""
MORE, FEW = 8, 4
"""Attempts at a short state, once there is one; so many short ones are enough to choose from."""
MOST_PACKED = 6000
"""Bytes of a body, packed: more than one who looks at a repository's size likes."""
LONG = 4096
"""Bytes of a file from which on it is kept packed."""
MOST_FILE = 64 << 20
FILE = re.compile(r"(?P<stem>.+)\.v(?P<version>\d{1,10})\.(?P<form>qemu|cbor|ber)(?:\.gz)?")
RELEASE = re.compile(r"[\w][\w.+-]*")


@node
class Pin(Node):
    """One state: its device, the version, and its bytes by the name of the format."""

    stem: str
    version: int
    forms: dict[str, bytes]

    def files(self) -> dict[str, bytes]:
        """By name, what each file holds."""
        return dict(_packed(f"{self.stem}.v{self.version}.{form}", data) for form, data in self.forms.items())


# -- made

def pin(stem: str, record: Record[Any]) -> Pin:
    """A state of this declaration: short if possible, and of those that tell most; as after reset if need be.

    Raises Unusable.
    """
    plain, long, left = save(record.make(), qemufile), dict[str, bytes](), MORE
    short = list[dict[str, bytes]]()
    for number, daring in enumerate(DARING):
        if daring * len(plain) > 2 * MOST_PACKED:
            continue
        if left == 0 or len(short) == FEW:
            break
        left -= bool(long or short)
        with suppress(VMStateError):
            made = _drawn(f"{stem}.{record.version}.{number}", record, daring, LONG if long or short else MOST_FILE)
            if made and len(made["qemu"]) < LONG and made["qemu"] != plain:
                short.append(made)
            elif made and made["qemu"] != plain:
                long = made
    best = max(short, key=_set, default=long)
    return Pin(stem, record.version, best or _reset(stem, record))


def _set(made: dict[str, bytes]) -> int:
    """How many bytes say something."""
    return len(made["qemu"]) - made["qemu"].count(0)


def _reset(stem: str, record: Record[Any]) -> dict[str, bytes]:
    try:
        made = _settled(record, Decoded(record.make(), record.version, record), MOST_FILE)
    except VMStateError as error:
        raise Unusable(f"{stem}: no state that was drawn loads, nor that after reset: {error}") from None
    if not made:
        raise Unusable(f"{stem}: no state that was drawn is saved as it was loaded")
    return made


def _drawn(seed: str, record: Record[Any], daring: float, most: int) -> dict[str, bytes]:
    """The state of this seed in all formats; nothing where it is too long, or does not stay as it is."""
    state, trial = record.make(), Trial()
    Walk(Drawn(Random(seed), daring), Mode.WIRE, trial).run(record, state, record.version)  # noqa: S311
    return _settled(record, Decoded(state, record.version, record, dict(trial.chosen)), most)


def _settled(record: Record[Any], drawn: Decoded[Any], most: int) -> dict[str, bytes]:
    """What a live load of it saves, if that is loaded and saved as it is, in each format."""
    body, settings = encode(drawn, qemufile), drawn.settings
    if len(body) > most or len(gzip.compress(body, mtime=0)) > MOST_PACKED:
        return {}
    body = save(load(record.make(), body, qemufile, settings=settings), qemufile)
    state: Any = load(record.make(), body, qemufile, settings=settings)
    made: dict[str, bytes] = {name: save(state, form) for name, form in FORMS.items()}
    same = made["qemu"] == body and all(load(record.make(), made[name], FORMS[name]) == state for name in NAMED)
    return made if same else {}


# -- stored

def _packed(name: str, data: bytes) -> tuple[str, bytes]:
    return (name, data) if len(data) < LONG else (f"{name}.gz", gzip.compress(data, mtime=0))


def content(path: Path) -> bytes:
    """What a file holds. Raises Unusable, OSError."""
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as file:
            data = file.read(MOST_FILE + 1)
    except (EOFError, gzip.BadGzipFile) as error:
        raise Unusable(f"{path}: {error}") from None
    if len(data) > MOST_FILE:
        raise Unusable(f"{path}: more than {MOST_FILE} bytes")
    return data


def stored(folder: Path) -> Iterator[tuple[str, Pin]]:
    """All states of a folder, each with its release, in order. Raises Unusable, OSError."""
    if not folder.is_dir():
        raise Unusable(f"{folder}: no folder of pinned states: `vmstate pin` makes one")
    for release in sorted(one for one in folder.iterdir() if one.is_dir()):
        found = defaultdict[tuple[str, int], dict[str, bytes]](dict)
        for path in sorted(release.iterdir()):
            if (match := FILE.fullmatch(path.name)) is not None:
                found[match["stem"], int(match["version"])][match["form"]] = content(path)
        for (stem, version), forms in found.items():
            yield release.name, Pin(stem, version, forms)
