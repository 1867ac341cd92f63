"""`vmstate validate`: states in JSON against the schemas of their devices, or against one that is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from devices.catalogue import registry
from migration.documents import format_of
from migration.documents.reading import Document
from migration.inputs import opened
from visitors import json, schema
from vmstate.errors import DecodeError, Unsupported

from . import exits
from .grammar import Options
from .judging import Json, Judge
from .output import emit
from .printable import printable
from .trouble import TROUBLES, Unusable, code_of, text_of

STATE = "state:{}"
MOST_LINES = 100


class Subject(NamedTuple):
    """A state; the section that it is of and the class that took it, as far as the document says."""

    state: Any
    section: str = ""
    kind: str = ""


def run(options: Options) -> int:
    """Validates every state of one file, tells what is wrong, and returns the exit code."""
    try:
        judge = _given(options.schema) if options.schema else None
        subjects = list(_subjects(_read(options.state)))
        lines = [line for one in subjects for line in _lines(one, judge or _declared(one, options))]
    except TROUBLES as trouble:
        exits.complain(options.state, text_of(trouble))
        return code_of(trouble)
    for line in lines[:MOST_LINES]:
        exits.complain(options.state, *line)
    if len(lines) > MOST_LINES:
        exits.complain(options.state, f"{len(lines) - MOST_LINES} more")
    told = f"{_counted(len(subjects), 'state')}, {_counted(len(lines), 'finding')}"
    emit(f"{'FAILED' if lines else 'ok    '} {printable(options.state)}  {told}")
    return exits.FINDINGS if lines else exits.FINE


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _lines(subject: Subject, judge: Judge) -> Iterator[tuple[str, ...]]:
    """What is said of each finding: where, and what."""
    for path, message in judge.findings(subject.state):
        place = "::".join(filter(None, (subject.section, path)))
        yield (place, message) if place else (message,)


def _read(name: str) -> bytes:
    with opened(name) as data:
        return bytes(data[:])


# -- what is in the file

def _subjects(data: bytes) -> Iterator[Subject]:
    """The one state that a file is; or those of the sections of a document. Raises DecodeError."""
    if (form := format_of(data)) and form != "json":
        raise Unsupported(f"this is a document of {form}", hint="schemas are for JSON: convert it")
    if form:
        for item in Document(data, registry(), edited=True).items():
            yield from (one for one in _section(item) if one.kind)
        return
    found = json.loads(data)
    yield next(_section(found), None) or Subject(_named(found))


def _section(found: Any) -> Iterator[Subject]:
    """The state of a section, where this is such an item of a document; without a class where none was declared."""
    whole = cast(Json, _named(found)) if isinstance(found, dict | list) else {}
    item = cast(Json, _named(whole["item"])) if isinstance(whole.get("item"), dict | list) else whole
    name, kind = item.get("name"), item.get("as", "")
    if item.get("item") == "section" and STATE in item and isinstance(name, str) and isinstance(kind, str):
        yield Subject(item[STATE], name, kind)


def _named(found: Any) -> Any:
    """Raises Unsupported for the profile that no schema is for."""
    if isinstance(found, list):
        raise Unsupported("this is of the profile `compact`", hint="schemas are for `named`")
    return found


# -- by which schema

def _declared(subject: Subject, options: Options) -> Judge:
    """By those of a device: the one given, else the document's own. Raises Unusable."""
    name = options.device or subject.section
    if not name:
        raise Unusable("the document does not say whose state it is: say --device or --schema")
    records = registry().for_section(name)
    if not records:
        raise Unusable(f"no device {name} is declared: say --device or --schema")
    same = [record for record in records if record.kind.__name__ == subject.kind]
    return Judge([schema.document(record) for record in same or records])


def _given(name: str) -> Judge:
    """By a schema out of a file. Raises Unusable."""
    try:
        return Judge([json.loads(_read(name))])
    except (DecodeError, Unusable) as error:
        raise Unusable(f"{name}: {error}") from None
