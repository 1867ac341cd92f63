"""What is compared, by what it is called on the command line: a file, a folder, a module, a revision.

| argument | what |
|---|---|
| `devices` | the devices that this program declares |
| `git:REV`, `git:REV:FOLDER` | the schemas of a project at a revision, in `schema_out` or another folder |
| a folder | schemas: `*.json` |
| a file, `-` | a dump, a schema, a stream, a stream as a document; compressed or not |
| `FILE.py`, `MODULE`, each with `:CLASS` | declarations: this class, or all that are not within another |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devices.catalogue import registry
from migration.documents import format_of
from migration.inputs import Searchable, opened, spooled
from vmstate.compat.sides import Part, Side, part_of
from vmstate.describe import dump_vmstate, schema, vmdesc
from vmstate.describe.objects import MOST_TEXT
from vmstate.errors import DecodeError, VMStateError
from vmstate.shape import Record

from .schema import records
from .trouble import Unusable

if TYPE_CHECKING:
    from migration.replica import Stream

OURS, REVISION, SCHEMAS = "devices", "git:", "schema_out"
SENT = frozenset({"counts", "types"})
"""The facts that a stream's description tells."""
HEAD = 4096
DESCRIBED = re.compile(rb'\s*\{\s*"(?:configuration|page_size|devices)"\s*:')
MODULE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def side(argument: str) -> Side:
    """What an argument names, as a side. Raises Unusable; DecodeError where it makes no sense."""
    try:
        return _found(argument)
    except VMStateError as error:
        raise DecodeError(f"{argument}: {error}") from None
    except OSError as error:
        raise Unusable(f"{argument}: {error.strerror or error}") from None


def _found(argument: str) -> Side:
    if argument == OURS:
        return Side(OURS, tuple(part_of(stem, record) for stem, record in records(registry(), ())))
    if argument.startswith(REVISION):
        from .revisions import texts

        return schemas(argument, texts(argument.removeprefix(REVISION), SCHEMAS))
    name, _, kind = argument.partition(":")
    if name.endswith(".py") or (MODULE.fullmatch(name) and not Path(argument).exists()):
        return declarations(argument, name, kind)
    if argument != "-" and Path(argument).is_dir():
        return folder(argument)
    with opened(argument) as data:
        return file(argument, data)


# -- declarations

def declarations(argument: str, name: str, kind: str = "") -> Side:
    """Those of a module, a package, a file, or one class of it."""
    from .declarations import declared

    return keyed(argument, declared(name, kind))


def keyed(name: str, found: Iterable[Record[Any]]) -> Side:
    """Declarations, each by what its schema's file would be called."""
    all_of = list(found)
    names = [record.name for record in all_of]
    stems = (record.name.replace("/", "-") + (f".{record.kind.__name__}" if names.count(record.name) > 1 else "")
             for record in all_of)
    return Side(name, tuple(map(part_of, stems, all_of)))


# -- schemas

def folder(name: str) -> Side:
    """The schemas of a folder, or the declarations of a package. Raises Unusable where there are none."""
    found = sorted(Path(name).glob("*.json"))
    if not found and (Path(name) / "__init__.py").exists():
        return declarations(name, name)
    return schemas(name, {path.name: path.read_bytes() for path in found})


def schemas(name: str, texts: Mapping[str, bytes]) -> Side:
    """Schemas by their files' names."""
    if not texts:
        raise Unusable(f"{name}: no schemas: `vmstate schema --out DIR` writes them")
    return schema.side(name, {file.removesuffix(".json"): text for file, text in texts.items()})


# -- files

def file(name: str, data: Searchable) -> Side:
    """A file, by what it begins with. Raises Unusable where it is nothing that can be compared."""
    head = data[:HEAD]
    if format_of(data):
        return document(name, data)
    if DESCRIBED.match(head):
        return described(name, vmdesc.parse(data[:MOST_TEXT + 1]).devices)
    if head.lstrip().startswith(b"{"):
        read: Callable[[bytes, str], Side] = schema.parse if b'"$schema"' in head else dump_vmstate.parse
        return read(data[:MOST_TEXT + 1], Path(name).name.removesuffix(".json") if read is schema.parse else name)
    return stream(name, data)


def document(name: str, data: Searchable) -> Side:
    """A stream that is a document of another format."""
    from migration.documents.reading import Document

    with spooled(Document(data, registry(), drop_unknown=True).stream()) as inside:
        return stream(name, inside)


def stream(name: str, data: Searchable) -> Side:
    """A stream, as its description tells it; without one, as it was decoded. Raises Unusable where that is nothing."""
    from migration.foretelling import side_of, story  # here alone: they take as long to import as two dumps to compare
    from migration.replica import Stream

    read = Stream(data, registry())
    if read.trouble is not None:
        raise read.trouble
    if read.description is None:
        if not (told := side_of(name, story(read))).parts:
            raise Unusable(f"{name}: neither a dump, a schema nor a stream of devices")
        return told
    return described(name, read.description.devices, machine(read))


def machine(read: Stream) -> str:
    """The machine type that a stream says it is of."""
    from migration.stream.events import Configured, SectionBegin

    with suppress(VMStateError):
        for event in read.reader.over(read.data):
            if isinstance(event, Configured):
                return event.configuration.machine
            if isinstance(event, SectionBegin):
                break
    return ""


def described(name: str, devices: Iterable[vmdesc.Described], machine: str = "") -> Side:
    """The sections of a description."""
    return Side(name, tuple(map(section, devices)), machine, SENT)


def section(one: vmdesc.Described) -> Part:
    """One section; its record is made when it is asked for."""
    def made() -> Record[Any]:
        return one.record

    return Part(one.name, None, digests={}, instance=one.instance_id, make=made)
