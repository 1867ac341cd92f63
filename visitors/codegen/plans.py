"""The functions of one record at one version: made when first asked for, inspectable, and never the last word."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from typing import Any, Generic, Literal, TypeVar, cast

from vmstate import format as walked
from vmstate.combinators import record_of
from vmstate.errors import VMStateError
from vmstate.format import Done, Format, settle
from vmstate.kept import Alone
from vmstate.shape import Record
from vmstate.trial import Trial
from vmstate.visitor import Bytes
from vmstate.walk import Mode, Walk

from .. import qemufile
from .codes import Code, Step
from .codings import Coding, coding
from .places import Place
from .source import TooLong
from .support import Context, Function, Miss
from .variants import Fixed, Known, Variants, fixed

T = TypeVar("T")
What = Literal["save", "load", "load-into", "encode", "decode"]
MOST = 4096
"""Plans that are kept: a stream's description brings records of its own."""
UNWRITTEN = TooLong, Miss, UnicodeEncodeError
"""Why there is no code for a record, and the walk does all: names of QEMU's are bytes, and not always text."""


def octets(data: Bytes | str) -> bytes:
    """A document as bytes; JSON may be text."""
    return data.encode("utf-8", "surrogateescape") if isinstance(data, str) else bytes(data)


class Plan(Generic[T]):
    """What is compiled of a record at a version, for a format."""

    def __init__(self, record: Record[T], version: int, how: Coding) -> None:
        self.record, self.version, self.how = record, version, how
        self._made: dict[str, Code] = {}

    # -- what a device author calls: functions, made when first asked for

    @cached_property
    def save(self) -> Callable[[T], bytes]:
        """As `vmstate.save`, at this version. Raises as that does."""
        return self._saving("save", live=True)

    @cached_property
    def load(self) -> Callable[[bytes], T]:
        """A new state out of bytes: as `vmstate.load` into one as after reset. Raises as that does."""
        return self._loading("load", live=True, fresh=True)

    @cached_property
    def load_into(self) -> Callable[[T, bytes], T]:
        """As `vmstate.load`. Raises as that does."""
        return self._loading("load-into", live=True, fresh=False)

    # -- what `vmstate.format` calls: None where the walk has to do it

    def written(self, state: Any, mode: Mode, /) -> bytes | None:
        """The bytes of a state."""
        save: Function = self.save if mode is Mode.LIVE else self._encode
        return cast("bytes | None", save(state, self.how.context(mode, own=False)))

    def read_into(self, state: Any, data: Bytes, trial: Trial, /) -> Done | None:
        """Loads into a live state. Raises what a hook has refused."""
        context = self.how.context(Mode.LIVE, data if type(data) is bytes else octets(data), trial, own=False)
        load: Function = self.load_into
        return None if load(state, context.data, context) is None else Done(context.later, context.report)

    def decoded(self, data: Bytes, trial: Trial, /) -> tuple[Any, Done] | None:
        """A new state as a file has it."""
        context = self.how.context(Mode.WIRE, data if type(data) is bytes else octets(data), trial, own=False)
        state = self._decode(context.data, context)
        return None if state is None else (state, Done((), context.report))

    # -- where generated code does not go on

    def _write_again(self, error: Exception, state: T, context: Context | None = None) -> bytes | None:
        """By the walk, which tells what is wrong; or by the caller's."""
        if context is not None and not context.own:
            return None
        return walked.write(self.record, state, self.how.form.writer(), self.version, Mode.LIVE)

    def _load_again(
        self, error: Exception, state: T | None, data: bytes, context: Context | None = None
    ) -> T | None:
        """The same. What a hook has refused is refused, whatever the half loaded state now makes of it."""
        refused = state is not None and isinstance(error, VMStateError)
        if context is not None and not context.own and not refused:
            return None
        trial = Trial() if context is None else context.trial
        trial.again()
        target = self.record.make() if state is None else state
        reader = self.how.form.reader(data)
        walk = Walk(reader, Mode.LIVE, trial)
        walk.run(self.record, target, self.version)
        reader.finish()
        if refused:
            raise error
        settle(walk.later, Alone(target))
        return target

    # -- how they are made

    @cached_property
    def _encode(self) -> Function:
        return self._saving("encode", live=False)

    @cached_property
    def _decode(self) -> Function:
        return self._loading("decode", live=False, fresh=True)

    def _sure(self, context: Any) -> None:
        """Looks whether generated code can read it all. Raises Miss."""
        if not context.sure:
            if self._decode(context.data, self.how.context(Mode.WIRE, context.data, Trial(), own=False)) is None:
                raise Miss
            context.sure = True

    def _place(self, fresh: bool) -> Place:
        return Place("o", self.record, self.version, None, self.record.make(), fresh)

    @cached_property
    def _settings(self) -> tuple[Fixed, ...]:
        return fixed(self.record, self.record.make())

    def _saving(self, what: What, live: bool) -> Function:
        def compiled(known: Known, variants: Variants | None = None) -> Function:
            made = self.how.saving(f"{what} {self.record.name}", self._place(False), live, known=known)
            self._made.setdefault(what, made)
            try:
                function: Function = made.whole(self._write_again, variants)
                return function
            except UNWRITTEN as error:
                return partial(self._write_again, error)

        variants = Variants(self._settings, compiled)
        return compiled(variants.usual, variants) if live else compiled({})

    def _loading(self, what: What, live: bool, fresh: bool) -> Function:
        def compiled(known: Known, variants: Variants | None = None) -> Function:
            looks = {"sure": self._sure} if self.how.looks and live and not fresh else {}
            made = self.how.loading(f"{what} {self.record.name}", self._place(fresh), live, known=known, **looks)
            self._made.setdefault(what, made)
            again: Function = self._load_again
            try:
                function: Function = made.whole(again, variants)
                return function
            except UNWRITTEN as error:
                return partial(again, error, *[None] * fresh)

        variants = Variants(self._settings, compiled)
        return compiled(variants.usual, variants) if live else compiled({})

    # -- for whoever looks

    def source(self, what: What) -> str:
        """The text of one function, as Python."""
        return self._code(what).source.text

    def steps(self, what: What) -> list[Step]:
        """What became of each member, subsections included: how it is read or written, why it is left to the walk."""
        return list(dict.fromkeys(self._code(what).all_steps()))

    def _code(self, what: What) -> Code:
        made = {"save": "save", "load": "load", "load-into": "load_into", "encode": "_encode", "decode": "_decode"}
        getattr(self, made[what])
        return self._made[what]


def plan(kind: type[T] | Record[T], form: Format[bytes] = qemufile, version: int | None = None) -> Plan[T]:
    """The plan of a class or record, at its newest version or another; the same one when asked again.

    Raises LookupError where no code is generated for a format.
    """
    record = record_of(kind)
    return cast("Plan[T]", _plan(record, coding(form), record.version if version is None else version))


@lru_cache(maxsize=MOST)
def _plan(record: Record[Any], how: Coding, version: int) -> Plan[Any]:
    return Plan(record, version, how)
