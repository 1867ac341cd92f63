"""From arguments to an exit code: the command is found, its module imported, its errors told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from . import exits, grammar
from .output import Unwritable, discard, flush, prepare


def run(given: Sequence[str] | None = None) -> int:
    """One command; its exit code."""
    arguments = list(sys.argv[1:] if given is None else given)
    prepare()
    try:
        code = _run(arguments)
        flush()
    except Unwritable as error:
        discard()
        if error.broken:
            return exits.FINE
        exits.complain("standard output", str(error))
        return exits.USAGE
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except SystemExit as leaving:  # argparse, after its message
        return leaving.code if isinstance(leaving.code, int) else exits.USAGE
    return code


def _run(arguments: list[str]) -> int:
    parsed = grammar.parse(arguments)
    if parsed is None:
        from .usage import parse

        parsed = parse(arguments or ["help"])
    command, options = parsed
    module: Any = import_module(f".{command}", __package__)
    runs: Callable[[grammar.Options], int] = module.run
    return max(runs(options), exits.FINE if arguments else exits.USAGE)
