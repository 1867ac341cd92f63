"""What a device author calls: save, load, decode, encode, abstract, convert, verify; and exact fit.

A format *is* its module: one that offers `reader(data)` and `writer()` satisfies the `Format` protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from typing import Any, Generic, Protocol, TypeVar, cast

from .combinators import record_of
from .errors import Finding, LimitExceeded, Undetermined, VMStateError
from .facts import authors
from .kept import Alone, Around, Machine, Settle
from .nodes import Node, node
from .shape import Record
from .trial import Trial
from .visitor import Visitor
from .walk import Mode, Walk

TIMES, LEAST = 16, 1 << 17
"""So many times its own bytes, and so many besides, a body may be read in vain before its settings are given up."""

T = TypeVar("T")
D = TypeVar("D")
E = TypeVar("E")
D_co = TypeVar("D_co", covariant=True)


class Reader(Visitor, Protocol):
    """A visitor that takes values out of an input. `report`: what it took though it was not as declared."""

    @property
    def report(self) -> Sequence[Finding]: ...

    def finish(self) -> None:
        """Raises DecodeError where something is left."""


class Writer(Visitor, Protocol[D_co]):
    """A visitor that makes an output of what it is told."""

    def result(self) -> D_co:
        """All that was written."""
        ...


class Compiled(Protocol[D]):
    """Generated code for one record at one version. It does what the walk does; or answers None, and the walk does it.

    A state that it was to load into is then half loaded, as after an error.
    """

    def written(self, state: Any, mode: Mode, /) -> D | None: ...
    def read_into(self, state: Any, data: D, trial: Trial, /) -> Done | None: ...
    def decoded(self, data: D, trial: Trial, /) -> tuple[Any, Done] | None: ...


@node
class Done(Node):
    """What a walk leaves behind besides the state: hooks that wait, and what was not as declared."""

    later: Sequence[Settle] = ()
    report: Sequence[Finding] = ()


class Format(Protocol[D]):
    """What a visitor module offers.

    One whose bytes go by their place alone, without names, says `positional = True`: `compare` judges it as such. One
    that has generated code offers `compiled(record, version)`, which answers None as long as that would not pay.
    """

    def reader(self, data: D, /) -> Reader: ...
    def writer(self) -> Writer[D]: ...


@node
class Decoded(Node, Generic[T]):
    """A state out of a file: what was read, at which version, by which record, with which settings.

    `report` tells what was not as declared, and taken all the same: absent attributes whose default was taken, unknown
    ones that were kept.
    """

    state: T
    version: int
    record: Record[Any]
    settings: dict[str, Any] = {}  # noqa: RUF012  nobody changes it
    report: tuple[Finding, ...] = ()


def save(state: object, form: Format[D]) -> D:
    """The state as it is now, at its newest version. Hooks run; predicates decide. Raises EncodeError, HookRefused."""
    return written(record_of(type(state)), state, form, None, Mode.LIVE)


def load(
    state: T, data: D, form: Format[D], *, version: int | None = None, settings: Mapping[str, Any] | None = None,
    later: list[Settle] | None = None, report: list[Finding] | None = None,
) -> T:
    """Into an existing state, which is returned; what the data do not have stays. Hooks run.

    `@after_load` hooks are put into `later`, for a machine of several devices to run when all are loaded; where none
    is given they run at the end, in a machine that has this state alone. Raises DecodeError or HookRefused; the state
    is then half loaded and to be thrown away.

    `report` gets what was not as declared and taken all the same, as in `Decoded.report`.
    """
    record, trial = record_of(type(state)), Trial(settings)
    done = _loaded(record, state, data, form, record.version if version is None else version, trial)
    trial.check()
    if report is not None:
        report += done.report
    if later is not None:
        later += done.later
    elif done.later:
        settle(done.later, Alone(state))
    return state


def _loaded(record: Record[Any], state: Any, data: D, form: Format[D], version: int, trial: Trial) -> Done:
    """By generated code, or else by the walk."""
    code = compiled(form, record, version)
    if code is not None:
        if (done := code.read_into(state, data, trial)) is not None:
            return done
        trial.again()
    reader = form.reader(data)
    walk = Walk(reader, Mode.LIVE, trial)
    walk.run(record, state, version)
    reader.finish()
    return Done(walk.later, (*walk.report, *reader.report))


def settle(later: Iterable[Settle], machine: Machine) -> None:
    """Runs the hooks that wait until all devices of a machine are loaded. Raises HookRefused."""
    for hook in later:
        authors(hook, machine)


def encode(decoded: Decoded[Any], form: Format[D]) -> D:
    """As it was read: no hooks, no predicates."""
    return written(decoded.record, decoded.state, form, decoded.version, Mode.WIRE)


def decode(
    kind: type[T] | Record[T], data: D, form: Format[D], *, version: int | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Decoded[T]:
    """By the settings given, else those that the data tell, else the only ones that fit.

    Raises Undetermined, listing the candidates, where none or several combinations of settings fit.
    """
    trial = Trial(settings)
    trials = list(fits(kind, data, form, version=version, settings=trial))
    found = [one for one in trials if isinstance(one, Decoded)]
    if len(found) == 1:
        trial.check()
        return found[0]
    raise misfit(found, [one for one in trials if not isinstance(one, Decoded)])


def misfit(found: Sequence[Decoded[Any]], errors: Sequence[VMStateError]) -> VMStateError:
    """Why no combination of settings is the one: led by the trial that got furthest."""
    if not found and len(errors) == 1:
        return errors[0]
    if found:
        fitting = "; ".join(", ".join(f"{k}={v}" for k, v in one.settings.items()) for one in found)
        return Undetermined(f"{len(found)} combinations of settings fit: say which", hint=fitting)
    best = max(errors, key=lambda error: -1 if error.offset is None else error.offset)
    return Undetermined(
        f"no setting fits; the best of {len(errors)} tried: {best.message}", path=best.path, offset=best.offset,
        expected=best.expected, actual=best.actual, hint=best.hint)


def fits(
    kind: type[T] | Record[T], data: D, form: Format[D], *, version: int | None = None,
    settings: Mapping[str, Any] | Trial | None = None,
) -> Iterator[Decoded[T] | VMStateError]:
    """Every combination of the settings that nothing tells, depth first: the state, or why not."""
    record = record_of(kind)
    number = record.version if version is None else version
    trial = settings if isinstance(settings, Trial) else Trial(settings)
    vain, most = 0, TIMES * len(data) + LEAST if isinstance(data, Sized) else 0
    while True:
        try:
            state, done = _decoded(record, data, form, number, trial)
            yield Decoded(cast(T, state), number, record, dict(trial.chosen), tuple(done.report))
        except VMStateError as error:
            yield error.with_traceback(None)  # which would hold the half-read state
            vain += error.offset or 0
        if not trial.next():
            return
        if vain > most:
            yield LimitExceeded(
                f"{trial.tried} combinations of settings were tried in vain", hint="give those that you know")
            return


def _decoded(record: Record[Any], data: D, form: Format[D], version: int, trial: Trial) -> tuple[Any, Done]:
    """By generated code, or else by the walk."""
    code = compiled(form, record, version)
    if code is not None:
        if (found := code.decoded(data, trial)) is not None:
            return found
        trial.again()
    state, reader = record.make(), form.reader(data)
    walk = Walk(reader, Mode.WIRE, trial)
    walk.run(record, state, version)
    reader.finish()
    return state, Done((), (*walk.report, *reader.report))


def abstract(kind: type | Record[Any], writer: Writer[D]) -> D:
    """What a writer makes of the declaration alone: a schema, a plan."""
    record = record_of(kind)
    return write(record, record.make(), writer, None, Mode.ABSTRACT)


def convert(
    data: D, kind: type | Record[Any], source: Format[D], target: Format[E], *, version: int | None = None,
    settings: Mapping[str, Any] | None = None,
) -> E:
    """From one format into another, by a pipe: no hooks, nothing lost. Raises as `decode` does."""
    from .pipe import Pipe  # here alone: most programs know one format

    record = record_of(kind)
    found = decode(record, data, source, version=version, settings=settings).settings
    reader, writer = source.reader(data), target.writer()
    Walk(Pipe(reader, writer), Mode.WIRE, Trial(found)).run(record, record.make(), version)
    reader.finish()
    return writer.result()


def verify(
    data: D, kind: type | Record[Any], form: Format[D], *, version: int | None = None,
    settings: Mapping[str, Any] | None = None,
) -> list[Finding]:
    """What is wrong with the data: they do not decode, or differ when written again. Never raises on bad data."""
    try:
        decoded: Decoded[Any] = decode(record_of(kind), data, form, version=version, settings=settings)
        again = encode(decoded, form)
    except VMStateError as error:
        return [Finding(str(error), error.place, error.offset)]
    if again == data:
        return []
    if not isinstance(again, bytes | bytearray) or not isinstance(data, bytes | bytearray):
        return [Finding("written again it differs")]
    parts = (i for i, (a, b) in enumerate(zip(again, data, strict=False)) if a != b)
    offset = next(parts, min(len(again), len(data)))
    return [Finding(f"written again it differs at {offset:#x}", offset=offset)]


def compiled(form: Format[D], record: Record[Any], version: int) -> Compiled[D] | None:
    """Generated code, where the format has such and it pays."""
    offer: Callable[[Record[Any], int], Compiled[D] | None] | None = getattr(form, "compiled", None)
    return None if offer is None else offer(record, version)


def written(record: Record[Any], state: Any, form: Format[D], version: int | None, mode: Mode) -> D:
    """One state, by generated code or else by the walk."""
    code = compiled(form, record, record.version if version is None else version)
    if code is not None and (data := code.written(state, mode)) is not None:
        return data
    return write(record, state, form.writer(), version, mode)


def write(
    record: Record[Any], state: Any, writer: Writer[D], version: int | None, mode: Mode, outer: Around | None = None
) -> D:
    """One walk by a writer, and its result."""
    Walk(writer, mode).run(record, state, version, outer)
    return writer.result()
