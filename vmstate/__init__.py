"""One declaration of a device's state, walked by interchangeable visitors."""

from typing import TYPE_CHECKING, Any

from .combinators import array, chain, mapping, nested, nullable, record_of
from .declare import state
from .errors import (
    BadMarker,
    DeclarationError,
    DecodeError,
    EncodeError,
    Finding,
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
from .format import Decoded, abstract, convert, decode, encode, fits, load, save, settle, verify
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
from .meaning import Register, Told
from .registry import Registry
from .shape import Codec, Member, Record
from .values import Float64, Packed

if TYPE_CHECKING:
    from .compat.entry import compare

__all__ = [
    "Around",
    "BadMarker",
    "Bag",
    "Codec",
    "DeclarationError",
    "DecodeError",
    "Decoded",
    "EncodeError",
    "Exchange",
    "Finding",
    "Float64",
    "HookRefused",
    "LimitExceeded",
    "Machine",
    "Member",
    "Mismatch",
    "Packed",
    "Record",
    "Register",
    "Registry",
    "Told",
    "Truncated",
    "Undetermined",
    "UnknownMember",
    "Unsupported",
    "VMStateError",
    "VersionRefused",
    "abstract",
    "after_load",
    "again",
    "allow",
    "array",
    "at_most",
    "bitmap",
    "boolean",
    "buffer",
    "chain",
    "check",
    "compare",
    "constant",
    "convert",
    "decode",
    "descriptor",
    "encode",
    "enum",
    "equal",
    "fits",
    "floating",
    "int8",
    "int16",
    "int32",
    "int64",
    "load",
    "local",
    "mapping",
    "nested",
    "nullable",
    "opaque",
    "post_load",
    "pre_load",
    "pre_save",
    "record_of",
    "reserved",
    "same",
    "save",
    "setting",
    "settle",
    "sint",
    "sized_buffer",
    "state",
    "subsection",
    "timer",
    "tmp",
    "uint",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "unused",
    "verify",
    "view",
]


def __getattr__(name: str) -> Any:
    """What few programs call is imported when it is asked for."""
    if name == "compare":
        from .compat.entry import compare

        return compare
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
