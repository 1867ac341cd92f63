"""One declaration of a device's state, walked by interchangeable visitors."""

from .combinators import array, chain, mapping, nested, nullable, record_of
from .declare import state
from .errors import (
    BadMarker,
    DeclarationError,
    DecodeError,
    EncodeError,
    HookRefused,
    LimitExceeded,
    Mismatch,
    Truncated,
    Undetermined,
    UnknownMember,
    Unsupported,
    VersionRefused,
    VMStateError,
)
from .exchange import Exchange
from .fields import (
    at_most,
    bitmap,
    boolean,
    buffer,
    descriptor,
    enum,
    equal,
    floating,
    int8,
    int16,
    int32,
    int64,
    local,
    opaque,
    setting,
    sint,
    sized_buffer,
    timer,
    uint,
    uint8,
    uint16,
    uint32,
    uint64,
)
from .format import Decoded, Finding, convert, decode, describe, encode, fits, load, save, verify
from .kept import Around, Bag, Machine
from .marks import (
    after_load,
    again,
    allow,
    check,
    constant,
    post_load,
    pre_load,
    pre_save,
    reserved,
    same,
    subsection,
    tmp,
    unused,
    view,
)
from .registry import Registry
from .shape import Codec, Member, Record
from .values import Float64

__all__ = [
    "Around", "BadMarker", "Bag", "Codec", "DeclarationError", "DecodeError", "Decoded", "EncodeError", "Exchange",
    "Finding", "Float64", "HookRefused", "LimitExceeded", "Machine", "Member", "Mismatch", "Record", "Registry", "Truncated",
    "Undetermined", "UnknownMember", "Unsupported", "VMStateError", "VersionRefused", "after_load", "again", "allow", "array",
    "at_most", "bitmap", "boolean", "buffer", "chain", "check", "constant", "convert", "decode", "describe",
    "descriptor", "encode", "enum", "equal", "fits", "floating", "int8", "int16", "int32", "int64", "load", "local",
    "mapping", "nested", "nullable", "opaque", "post_load", "pre_load", "pre_save", "record_of", "reserved", "same",
    "save", "setting", "sint", "sized_buffer", "state", "subsection", "timer", "tmp", "uint", "uint8", "uint16",
    "uint32", "uint64", "unused", "verify", "view",
]
