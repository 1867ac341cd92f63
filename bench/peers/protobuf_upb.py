"""protobuf (upb, in C): messages by descriptors that are made here, from and to attrs classes."""

from __future__ import annotations

from itertools import count
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from .layout import Expiry, Fixed, Flag, Inexpressible, Many, Node, Number, Part, Raw
from .peer import Job, verified
from .twins import Made, Source, Twins

NAME, WHAT = "protobuf", "upb; generated conversion of its messages"
Field = descriptor_pb2.FieldDescriptorProto
PACKAGES = count(1)


def job(twins: Twins) -> Job:
    """Messages of one device."""
    package = f"bench{next(PACKAGES)}"
    root = _message(twins, package)
    fill, back = _filling(twins), _taking(twins)
    parse = root.FromString

    def save(state: Any) -> bytes:
        message = root()
        fill(message, state)
        data: bytes = message.SerializeToString()
        return data

    return verified(twins, save, lambda data: back(parse(data)))


def _message(twins: Twins, package: str) -> Any:
    """The root's class."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    for kind, fields in twins.fields.items():
        message = file.message_type.add(name=kind.__name__)
        for number, (name, node) in enumerate(fields.items(), 1):
            inner, label = (node.of, Field.LABEL_REPEATED) if isinstance(node, Many) else (node, Field.LABEL_OPTIONAL)
            one = message.field.add(name=name, number=number, label=label, type=_type(inner))
            if isinstance(inner, Part):
                one.type_name = f".{package}.{inner.kind.__name__}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    name = f"{package}.{twins.item.record.kind.__name__}"
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def _type(node: Node) -> Any:
    match node:
        case Number(bits=bits, signed=signed):
            wide = bits > 32
            return {(False, False): Field.TYPE_UINT32, (False, True): Field.TYPE_UINT64,
                    (True, False): Field.TYPE_SINT32, (True, True): Field.TYPE_SINT64}[signed, wide]
        case Expiry():
            return Field.TYPE_UINT64
        case Flag():
            return Field.TYPE_BOOL
        case Raw():
            return Field.TYPE_BYTES
        case Part():
            return Field.TYPE_MESSAGE
        case Many() | Fixed():
            raise Inexpressible("lists of lists")


def _filling(twins: Twins) -> Made:
    source = Source()
    for kind, fields in twins.fields.items():
        lines: list[str] = []
        for name, node in fields.items():
            match node:
                case Part(kind=inner):
                    lines.append(f"fill_{inner.__name__}(m.{name}, o.{name})")
                case Many(of=Part(kind=inner)):
                    lines += [f"add = m.{name}.add", f"for e in o.{name}: fill_{inner.__name__}(add(), e)"]
                case Many():
                    lines.append(f"m.{name}.extend(o.{name})")
                case Expiry():
                    lines.append(f"m.{name} = NOT_PENDING if o.{name} is None else o.{name}")
                case _:
                    lines.append(f"m.{name} = o.{name}")
        source.define(f"fill_{kind.__name__}", *(lines or ["pass"]), parameters="m, o")
    return source.compiled(f"fill_{twins.item.record.kind.__name__}")


def _taking(twins: Twins) -> Made:
    source = Source(**{kind.__name__: made for kind, made in twins.kinds.items()})
    for kind, fields in twins.fields.items():
        lines: list[str] = []
        for name, node in fields.items():
            match node:
                case Part(kind=inner):
                    lines.append(f"o.{name} = from_{inner.__name__}(m.{name})")
                case Many(of=Part(kind=inner)):
                    lines.append(f"o.{name} = [from_{inner.__name__}(e) for e in m.{name}]")
                case Many():
                    lines.append(f"o.{name} = list(m.{name})")
                case Expiry():
                    lines += [f"t = m.{name}", f"o.{name} = None if t == NOT_PENDING else t"]
                case _:
                    lines.append(f"o.{name} = m.{name}")
        source.define(f"from_{kind.__name__}", f"o = new({kind.__name__})", *lines, "return o", parameters="m")
    return source.compiled(f"from_{twins.item.record.kind.__name__}")
