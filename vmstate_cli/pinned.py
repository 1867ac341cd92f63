"""`vmstate replay --pinned`: every pinned state into today's declarations, live; what does not load, or changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field

from migration.reloading import Change, Reload
from visitors import qemufile
from vmstate import Record, Registry, VMStateError, decode, load, settle
from vmstate.kept import Alone

from . import exits
from .colour import Paint, paint
from .grammar import Options
from .output import emit
from .pinning import FORMS, NAMED, Pin, stored
from .printable import printable
from .replay import GOLDEN, onto
from .schema import records
from .trouble import TROUBLES, Unusable, code_of, text_of


@define
class Found:
    """What became of one state. `errors`: why it does not load, or what else it is, by format; empty if it is well.

    `changes` of an older version are what was to be: a hook has converted it. Those of today's version are errors.
    """

    release: str
    pin: Pin
    newest: int = 0
    errors: dict[str, str] = field(factory=dict[str, str])
    changes: list[Change] = field(factory=list[Change])

    @property
    def ok(self) -> bool:
        """It loads, from each format the same."""
        return not self.errors and (self.pin.version < self.newest or not self.changes)


def run(options: Options) -> int:
    """Loads all, and returns the exit code: 1 where one does not load, or its values have changed."""
    folder = Path(options.stream or GOLDEN)
    try:
        known = onto(options.onto)
        found = [_loaded(release, one, _candidates(one.stem, known)) for release, one in stored(folder)]
        if not found:
            raise Unusable(f"{folder}: nothing is pinned there")
    except TROUBLES as trouble:
        exits.complain(text_of(trouble))
        return code_of(trouble)
    ok = all(one.ok for one in found)
    if options.format == "json":
        emit(json.dumps({"ok": ok, "pinned": list(map(document, found))}, indent=2))
    else:
        emit("\n".join(lines(found, paint(options.color))))
    return exits.FINE if ok else exits.FINDINGS


def _candidates(stem: str, known: Registry) -> list[Record[Any]]:
    """The declarations that it may be of: a name that has come to mean several, or only one, is another stem."""
    device = stem.partition(".")[0]
    names = [name for name in known if name.replace("/", "-") in (device, stem)]
    found = dict(records(known, names)) if names else {}
    return [found[stem]] if stem in found else list(found.values())


def _loaded(release: str, one: Pin, among: list[Record[Any]]) -> Found:
    """By the declaration that takes it best."""
    tried = [_by(release, one, record) for record in among]
    if not tried:
        return Found(release, one, errors={"device": "nothing declares it"})
    return min(tried, key=lambda found: (not found.ok, len(found.errors)))


def _by(release: str, one: Pin, record: Record[Any]) -> Found:
    """From each format; QEMU's, which goes by place alone, is held against names."""
    found, states = Found(release, one, record.version), dict[str, Any]()
    reload: Reload | None = None
    settings = dict[str, Any]()
    for name in (*NAMED, "qemu"):
        try:
            data = one.forms[name]
            if name == "cbor":
                settings = decode(record, data, FORMS[name], version=one.version).settings
            if name == "qemu":
                reload = Reload.of(record.make(), data, qemufile, one.version, settings)
                settle(reload.later, Alone(reload.state))
                states[name] = reload.state
            else:
                states[name] = load(record.make(), data, FORMS[name], version=one.version)
        except KeyError:
            found.errors[name] = "its file is missing"
        except VMStateError as error:
            found.errors[name] = str(error)
    for name, state in states.items():
        if state != states.get("cbor", state):
            found.errors[name] = "its values are others than CBOR has"
    if reload is not None and not found.errors:
        _saved(found, reload)
    return found


def _saved(found: Found, reload: Reload) -> None:
    """What becomes of its values when it is saved again."""
    try:
        reload.saved()
        found.changes = reload.changes()
    except VMStateError as error:
        found.errors["qemu"] = str(error)


# -- the report

def document(one: Found) -> dict[str, Any]:
    """As JSON has it."""
    return {"release": one.release, "device": one.pin.stem, "version": one.pin.version, "newest": one.newest,
            "ok": one.ok, "errors": one.errors,
            "changes": [{"what": each.what, "path": each.path, "before": each.before, "after": each.after}
                        for each in one.changes]}


def lines(found: list[Found], painted: Paint) -> Iterator[str]:
    """To read: those that do not load or have changed, those that were converted; then a summary."""
    for one in found:
        if one.ok and not one.changes:
            continue
        outcome = "converted" if one.ok else "refused" if one.errors else "changed"
        head = painted("embedded" if one.ok else "bad", outcome)
        yield f"{head}  {printable(one.release)}/{printable(one.pin.stem)} version {one.pin.version}"
        for name, error in one.errors.items():
            yield f"  {name}: {printable(error)}"
        for change in one.changes:
            yield f"  {printable(str(change))}"
    wrong = sum(not one.ok for one in found)
    yield f"{len(found)} pinned states, {wrong} of them {painted('bad', 'wrong')}" if wrong else (
        f"{len(found)} pinned states {painted('good', 'load')}")
