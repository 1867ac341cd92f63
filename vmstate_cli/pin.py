"""`vmstate pin`: a state of each declared device under the name of a release; what a release has stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from vmstate import Record
from vmstate.nodes import Node, node

from . import exits
from .grammar import Options
from .output import emit
from .pinning import RELEASE, Pin, pin, stored
from .replay import onto
from .schema import records
from .sides import OURS
from .trouble import TROUBLES, Unusable, code_of, text_of
from .writing import writing

Outcome = Literal["pinned", "as before", "refused"]


@node
class Pinned(Node):
    """What became of one device; `why` nothing was written: the release that has the same, or what is in the way."""

    stem: str
    version: int
    outcome: Outcome
    why: str
    size: int


def run(options: Options) -> int:
    """Pins what is not pinned yet, and returns the exit code: 1 where a release has another state already."""
    try:
        if options.release is None or not RELEASE.fullmatch(options.release):
            raise Unusable("say with --release which release the declarations are of, such as 1.4")
        folder = Path(options.out)
        found = list(_all(declarations(options.onto, options.devices), folder, options.release))
    except TROUBLES as trouble:
        exits.complain(text_of(trouble))
        return code_of(trouble)
    refused = [one for one in found if one.outcome == "refused"]
    if options.format == "json":
        emit(json.dumps({"release": options.release, "devices": list(map(document, found))}, indent=2))
    else:
        for one in refused:
            exits.complain(one.stem, one.why)
        pinned = [one for one in found if one.outcome == "pinned"]
        same = len(found) - len(pinned) - len(refused)
        emit(f"{len(pinned)} pinned, {sum(one.size for one in pinned):,} bytes; {same} as before"
             + (f"; {len(refused)} refused" if refused else ""))
    return exits.FINDINGS if refused else exits.FINE


def declarations(name: str, devices: list[str]) -> Iterator[tuple[str, Record[Any]]]:
    """By what their files are called: those of this program, or all of a file or module. Raises Unusable."""
    known = onto(name)
    if name == OURS or devices:
        yield from records(known, devices)
        return
    from .declarations import declared

    yield from records(known, sorted({record.name for record in declared(*name.rsplit(":", 1))}))


def _all(found: Iterable[tuple[str, Record[Any]]], folder: Path, release: str) -> Iterator[Pinned]:
    """One after the other. Raises Unusable, OSError."""
    known: dict[tuple[str, int], dict[str, Pin]] = {}
    for name, one in stored(folder) if folder.exists() else ():
        known.setdefault((one.stem, one.version), {})[name] = one
    for stem, record in found:
        yield _one(pin(stem, record), folder / release, known.get((stem, record.version), {}))


def _one(made: Pin, folder: Path, known: dict[str, Pin]) -> Pinned:
    """Written, unless a release has it: this one, which is never written over, or an earlier one."""
    same = next((name for name, one in known.items() if one.forms == made.forms), "")
    if same or folder.name in known:
        why = same or f"{folder.name} has another state of version {made.version}: its declaration has changed since"
        return Pinned(made.stem, made.version, "as before" if same else "refused", why, 0)
    folder.mkdir(parents=True, exist_ok=True)
    files = made.files()
    for name, data in files.items():
        with writing(str(folder / name)) as out:
            out(data)
    return Pinned(made.stem, made.version, "pinned", "", sum(map(len, files.values())))


def document(one: Pinned) -> dict[str, Any]:
    """As JSON has it."""
    return {"device": one.stem, "version": one.version, "outcome": one.outcome, "why": one.why, "bytes": one.size}
