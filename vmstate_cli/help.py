"""`vmstate help`: the grammar as text."""

from __future__ import annotations

from . import exits
from .grammar import Options
from .output import emit
from .usage import parse, parser


def run(options: Options) -> int:
    """The program's help, or a command's."""
    if options.command is not None:
        parse([options.command, "--help"])  # prints it, and leaves
    emit(parser().format_help().rstrip())
    return exits.FINE
