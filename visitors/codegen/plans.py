"""The functions of one record at one version: made when first asked for, inspectable, and never the last word."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar, cast

from vmstate import format as walked
from vmstate.combinators import record_of
from vmstate.format import Done, settle
from vmstate.kept import Alone
from vmstate.shape import Record
from vmstate.trial import Trial
from vmstate.visitor import Bytes
from vmstate.walk import Mode

from .. import qemufile
from .loading import Loading
from .places import Place
from .saving import Saving
from .support import Context, Function

T = TypeVar("T")
MOST = 4096
"""Plans that are kept: a stream's description brings records of its own."""


class Plan(Generic[T]):
    """What is compiled of a record at a version."""

    def __init__(self, record: Record[T], version: int) -> None:
        self.record, self.version = record, version
        self._loadings: dict[str, Loading | Saving] = {}

    # -- what a device author calls

    def save(self, state: T) -> bytes:
        """As `vmstate.save`, at this version. Raises as that does."""
        try:
            return cast(bytes, self._save_live(state, Context(Mode.LIVE), None))
        except Exception:
            return walked.write(self.record, state, qemufile.writer(), self.version, Mode.LIVE)

    def load(self, data: bytes) -> T:
        """A new state out of bytes: as `vmstate.load` into one as after reset. Raises as that does."""
        context = Context(Mode.LIVE, data)
        try:
            state = self._load_new(None, data, context, None)
        except Exception:
            return walked.load(self.record.make(), data, qemufile, version=self.version)
        if context.later:
            settle(context.later, Alone(state))
        return cast(T, state)

    def load_into(self, state: T, data: bytes) -> T:
        """As `vmstate.load`. Raises as that does."""
        context = Context(Mode.LIVE, data)
        try:
            self._load_live(state, data, context, None)
        except Exception:
            return walked.load(state, data, qemufile, version=self.version)
        if context.later:
            settle(context.later, Alone(state))
        return state

    # -- what `vmstate.format` calls: None where the walk has to do it

    def written(self, state: Any, mode: Mode, /) -> bytes | None:
        """The bytes of a state."""
        try:
            save = self._save_live if mode is Mode.LIVE else self._save_wire
            return cast(bytes, save(state, Context(mode), None))
        except Exception:
            return None

    def read_into(self, state: Any, data: Bytes, trial: Trial, /) -> Done | None:
        """Loads into a live state."""
        data = data if type(data) is bytes else bytes(data)
        context = Context(Mode.LIVE, data, trial)
        try:
            self._load_live(state, data, context, None)
        except Exception:
            return None
        return Done(context.later, context.report)

    def decoded(self, data: Bytes, trial: Trial, /) -> tuple[Any, Done] | None:
        """A new state as a file has it."""
        data = data if type(data) is bytes else bytes(data)
        context = Context(Mode.WIRE, data, trial)
        try:
            return self._load_wire(None, data, context, None), Done((), context.report)
        except Exception:
            return None

    # -- the functions

    def source(self, what: str) -> str:
        """The text of one: "save", "load", "load into", "encode" or "decode"."""
        _ = self._save_live, self._save_wire, self._load_live, self._load_new, self._load_wire
        return self._loadings[what].source.text

    @cached_property
    def _save_live(self) -> Function:
        return self._saving("save", live=True)

    @cached_property
    def _save_wire(self) -> Function:
        return self._saving("encode", live=False)

    @cached_property
    def _load_live(self) -> Function:
        return self._loading("load into", live=True, fresh=False)

    @cached_property
    def _load_new(self) -> Function:
        return self._loading("load", live=True, fresh=True)

    @cached_property
    def _load_wire(self) -> Function:
        return self._loading("decode", live=False, fresh=True)

    def _place(self, fresh: bool) -> Place:
        return Place("o", self.record, self.version, None, self.record.make(), fresh)

    def _saving(self, what: str, live: bool) -> Function:
        place = self._place(False)
        made = self._loadings[what] = Saving(f"{what} {self.record.name}", place, live, whole=True)
        return made.function(place)

    def _loading(self, what: str, live: bool, fresh: bool) -> Function:
        place = self._place(fresh)
        made = self._loadings[what] = Loading(f"{what} {self.record.name}", place, live, at=0)
        return made.function(place, whole=True)


def plan(kind: type[T] | Record[T], version: int | None = None) -> Plan[T]:
    """The plan of a class or record, at its newest version or another; the same one when asked again."""
    record = record_of(kind)
    return cast("Plan[T]", _plan(record, record.version if version is None else version))


@lru_cache(maxsize=MOST)
def _plan(record: Record[Any], version: int) -> Plan[Any]:
    return Plan(record, version)
