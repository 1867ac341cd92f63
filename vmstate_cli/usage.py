"""Help, and what is wrong with a command line: argparse, made of the grammar."""

from __future__ import annotations

from argparse import SUPPRESS, Action, ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from typing import Any

from .grammar import COMMANDS, Argument, Options, unset
from .output import emit, width

DISTRIBUTION = "vmstate-visitors"
EXITS = """\
exit codes: 0 fine, 1 differences or findings, 2 usage, 3 damaged input, 4 unsupported input; of several inputs the
highest. `-` is standard input; files compressed with zstd, gzip or xz are opened as they are."""


def parse(given: Sequence[str]) -> tuple[str, Options]:
    """The command and its options. Raises SystemExit: 0 behind a help text, 2 behind an error's."""
    options = parser().parse_args(given, Options())
    return options.called, options


def parser() -> ArgumentParser:
    """The grammar of all commands."""
    made = ArgumentParser(
        "vmstate", description="Shows and checks QEMU's migration streams.", epilog=EXITS, formatter_class=_Help,
        allow_abbrev=False)
    made.add_argument("--version", action=_Version, nargs=0, default=SUPPRESS, help="the version of this program")
    commands = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        examples = ("examples:", *(f"  {line}" for line in command.examples), "") if command.examples else ()
        below = commands.add_parser(
            name, help=command.summary, formatter_class=_Help, allow_abbrev=False, epilog="\n".join((*examples, EXITS)),
            description=f"{command.summary[0].upper()}{command.summary[1:]}.")
        below.set_defaults(called=name)
        for argument in command.arguments:
            below.add_argument(*filter(None, (argument.short, argument.name)), **_how(argument))
    return made


def _how(argument: Argument) -> dict[str, Any]:
    """What argparse is told of an argument."""
    if argument.flag:
        return {"action": "store_true", "help": argument.help}
    named = (("choices", argument.choices), ("metavar", argument.metavar), ("nargs", argument.many))
    how: dict[str, Any] = {"help": argument.help, **{name: value for name, value in named if value}}
    if argument.is_option or argument.many:
        how["default"] = unset(argument)  # of a positional argument too: else it is required
    if argument.read is not None:
        how.update(type=argument.read, **({"action": "append"} if argument.several else {}))
    return how


class _Help(RawDescriptionHelpFormatter):
    """The examples as they are, and room for the commands' names."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=width() - 2)


class _Version(Action):
    """Looks the version up when it is asked for: that takes longer than all else here."""

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            emit(f"vmstate {version(DISTRIBUTION)}")
        except PackageNotFoundError:
            emit("vmstate, not installed")
        parser.exit()
