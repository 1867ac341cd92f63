"""Descriptions made by hand."""

import json
from typing import Any

import vmstate
from migration.describing import describe
from visitors import qemufile
from vmstate import Decoded
from vmstate.describe import vmdesc
from vmstate.describe.vmdesc import Object
from vmstate.trace import Tracer
from vmstate.walk import Mode, Walk

Pairs = list[tuple[str, Any]]


class Repeated(dict[str, Any]):
    """An object whose keys may repeat, for the encoder."""

    def __init__(self, *pairs: tuple[str, Any]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def items(self) -> Any:
        return self._pairs


def field(name: str, kind: str, size: int, **more: Any) -> dict[str, Any]:
    """One field, its keys in QEMU's order."""
    number = {key: more.pop(key) for key in ("array_len", "index") if key in more}
    return {"name": name, **number, "type": kind, **more, "size": size}


def record(*fields: dict[str, Any], name: str = "dev", version: int = 1, **more: Any) -> dict[str, Any]:
    """A record."""
    return {"vmsd_name": name, "version": version, "fields": list(fields), **more}


def text_of(*devices: dict[str, Any]) -> bytes:
    """A trailer's text."""
    return json.dumps({"page_size": 4096, "devices": devices}).encode()


def device(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One device."""
    return {"name": "0000:00:03.0/dev", "instance_id": 0, **record(*fields, **more)}


def decoded(body: bytes, *fields: dict[str, Any], **more: Any) -> Decoded[Any]:
    """A body by its description, which writes it again, and itself."""
    (described,) = vmdesc.parse(text_of(device(*fields, **more))).devices
    found = vmstate.decode(described.record, body, qemufile, version=described.record.version)
    assert vmstate.encode(found, qemufile) == body
    again = describe(found.record, found.state, found.version)
    assert again == parsed(device(*fields, **more))[2:]
    return found


def parsed(value: object) -> Object:
    """A made description as it is read."""
    pairs = json.loads(json.dumps(value), object_pairs_hook=Object)
    assert isinstance(pairs, Object)
    return pairs


def values(body: bytes, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The values of the leaves by their paths."""
    found = decoded(body, *fields, **more)
    tracer = Tracer(qemufile.writer())
    Walk(tracer, Mode.WIRE).run(found.record, found.state, found.version)
    leaves = list(tracer.root.leaves())
    assert len({path for path, _ in leaves}) == len(leaves)
    return {path: one.value for path, one in leaves}
