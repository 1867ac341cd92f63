"""`vmstate compare`: whether what one side saves loads on the other, in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from vmstate.compat.allowances import Settled, declared, settled
from vmstate.compat.entry import positional
from vmstate.compat.levels import among, promised
from vmstate.compat.sections import Met, meet
from vmstate.compat.witness import witnessed

from . import exits
from .configuration import allowances
from .grammar import Options
from .output import emit, width
from .reports import FORMS, Compared
from .sides import side
from .trouble import TROUBLES, Unusable, code_of, text_of
from .writing import writing

MOST_LIKE = 10


def run(options: Options) -> int:
    """Compares two sides, tells what differs, and returns the exit code: 1 where the promise is broken."""
    try:
        compared = _compared(options)
        renderer: Any = import_module(f".reports.{FORMS[options.format]}", __package__)
        _tell(renderer.render(compared), options.output)
    except TROUBLES as trouble:
        name = trouble.filename if isinstance(trouble, OSError) else None
        exits.complain(*filter(None, (name, text_of(trouble))))
        return code_of(trouble)
    for line in remarks(compared.settled, limited=bool(options.device)):
        exits.complain(*line)
    return exits.FINDINGS if compared.violated else exits.FINE


def _compared(options: Options) -> Compared:
    """What was found, with what is allowed. Raises TROUBLES."""
    granted = allowances(options.config)
    old, new = side(options.old), side(options.new)
    met = meet(old, new)
    names = chosen(options.device, met)
    wire: Any = import_module(f"visitors.{options.wire}")
    report = promised(old, new, positional=positional(wire), transitive=options.transitive, names=names)
    met = [one for one in met if among(one, names)]
    done = settled(witnessed(report, old, new, wire), [*declared(met), *granted], datetime.now(UTC).date())
    return Compared(options.old, options.new, (old, new), met, done, options.level, options.wire, options.transitive,
                    "never" if options.output else options.color, width())


def _tell(text: str, output: str) -> None:
    """The report, where it is wanted. Raises OSError."""
    if output in ("", "-"):
        emit(text.removesuffix("\n"))
        return
    with writing(output) as out:
        out(text.encode("utf-8", "backslashreplace"))


def chosen(wanted: Sequence[str], met: Iterable[Met]) -> list[str]:
    """The sections that are meant by these, each a name or a key, or the end of one behind a slash. Raises Unusable."""
    known = list(dict.fromkeys(name for one in met for name in (one.name, *keys(one))))
    found = [name for text in wanted for name in meant(text, known)]
    return list(dict.fromkeys(found))


def keys(met: Met) -> list[str]:
    """What both sides call a section where they come from."""
    return [part.key for part in (met.old, met.new) if part is not None]


def meant(text: str, known: Sequence[str]) -> list[str]:
    """The names that one text means. Raises Unusable."""
    if found := [text] if text in known else [name for name in known if name.endswith(f"/{text}")]:
        return found
    from difflib import get_close_matches

    like = get_close_matches(text, known, MOST_LIKE, 0.5)
    raise Unusable(f"no section {text} on either side" + (f"; there is {', '.join(like)}" if like else ""))


def remarks(done: Settled, limited: bool) -> Iterable[tuple[str, ...]]:
    """Allowances that nothing needs: those of a configuration only where all sections were compared."""
    for one in done.idle:
        if limited and not one.beside:
            continue
        yield one.said, f"nothing needs the allowance of {one.allowance.rule}: {one.allowance.reason}"
