"""How code for each format is made: looked up by the format's module, and imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from vmstate.format import Format
from vmstate.nodes import Node, node

from .support import Context


@node
class Coding(Node):
    """A format, what writes its functions, and what these ask for.

    `looks`: the walk takes more than generated code does, which therefore looks whether it can read all before it runs
    hooks of inner states.
    """

    form: Format[bytes]
    saving: Callable[..., Any]
    loading: Callable[..., Any]
    context: type[Context] = Context
    looks: bool = False


def coding(form: Format[Any]) -> Coding:
    """How code for a format is made. Raises LookupError where none is."""
    name = getattr(form, "__name__", "").rpartition(".")[2]
    if name not in CODINGS:
        raise LookupError(f"no code is generated for {name or form!r}")
    found: Any = form
    return _coding(name, found)


@cache
def _coding(name: str, form: Any) -> Coding:
    return CODINGS[name](form)


def _qemufile(form: Format[bytes]) -> Coding:
    from .loading import Loading
    from .saving import Saving

    return Coding(form, Saving, Loading)


def _cbor(form: Format[bytes]) -> Coding:
    from .cbor_spelling import CBOR

    return _counted(form, CBOR)


def _msgpack(form: Format[bytes]) -> Coding:
    from .msgpack_spelling import MSGPACK

    return _counted(form, MSGPACK)


def _counted(form: Format[bytes], spelling: Any) -> Coding:
    from .counted_loading import CountedLoading
    from .counted_saving import CountedSaving
    from .tree_support import TreeContext

    saving, loading = partial(CountedSaving, form=spelling), partial(CountedLoading, form=spelling)
    return Coding(form, saving, loading, TreeContext, looks=True)


def _ber(form: Format[bytes]) -> Coding:
    from .ber_loading import BerLoading
    from .ber_saving import BerSaving
    from .ber_spelling import BER
    from .tree_support import TreeContext

    return Coding(form, partial(BerSaving, form=BER), partial(BerLoading, form=BER), TreeContext, looks=True)


def _json(form: Format[bytes]) -> Coding:
    from .json_loading import JsonLoading
    from .json_saving import JsonSaving
    from .json_spelling import JSON
    from .tree_support import TreeContext

    return Coding(form, partial(JsonSaving, form=JSON), partial(JsonLoading, form=JSON), TreeContext, looks=True)


CODINGS: dict[str, Callable[[Any], Coding]] = {
    "qemufile": _qemufile, "cbor": _cbor, "msgpack": _msgpack, "ber": _ber, "json": _json,
}
