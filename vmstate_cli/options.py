"""The command line's grammar: one entry per command, whose module is imported when it is named."""

from __future__ import annotations

import sys
from argparse import SUPPRESS, Action, ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from . import exits
from .output import Unwritable, discard, emit, flush, prepare, width

COMMANDS = {
    "show": "a stream's state, as a tree or as JSON",
    "info": "what a stream is, on one screen",
    "verify": "read streams, write them again, compare",
    "completion": "a script that completes this command line in a shell",
    "help": "this text, or a command's",
}
"""Each is a module here, with `arguments(parser)` and `run(options)`; `help` is in this one."""

DISTRIBUTION = "vmstate-visitors"
EXITS = """\
exit codes: 0 fine, 1 differences or findings, 2 usage, 3 damaged input, 4 unsupported input; of several inputs the
highest. `-` is standard input; files compressed with zstd, gzip or xz are opened as they are."""


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
    if not arguments:
        emit(parser("").format_help().rstrip())
        return exits.USAGE
    options = parser(arguments[0]).parse_args(arguments)
    command: Callable[[Namespace], int] = options.run
    return command(options)


def parser(command: str) -> ArgumentParser:
    """The grammar, with the arguments of this command alone."""
    made = ArgumentParser(
        "vmstate", description="Shows and checks QEMU's migration streams.", epilog=EXITS, formatter_class=_Help,
        allow_abbrev=False)
    made.add_argument("--version", action=_Version, nargs=0, default=SUPPRESS, help="the version of this program")
    commands = made.add_subparsers(title="commands", metavar="COMMAND", required=True, prog="vmstate")
    for name, summary in COMMANDS.items():
        below = commands.add_parser(
            name, help=summary, formatter_class=_Help, allow_abbrev=False,
            description=f"{summary[0].upper()}{summary[1:]}.")
        if name == command:
            _fill(name, below)
    return made


def parsers() -> dict[str, ArgumentParser]:
    """The grammar of each command."""
    made = {name: ArgumentParser(f"vmstate {name}", allow_abbrev=False) for name in COMMANDS}
    for name, below in made.items():
        _fill(name, below)
    return made


def _fill(name: str, below: ArgumentParser) -> None:
    if name == "help":
        _help_arguments(below)
        return
    module: Any = import_module(f".{name}", __package__)
    module.arguments(below)
    below.set_defaults(run=module.run)


class _Help(RawDescriptionHelpFormatter):
    """The examples as they are, and room for the commands' names."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=width() - 2)  # else it imports shutil, to learn the same


class _Version(Action):
    """Looks the version up when it is asked for: that takes longer than all else here."""

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            emit(f"vmstate {version(DISTRIBUTION)}")
        except PackageNotFoundError:
            emit("vmstate, not installed")
        parser.exit()


def _help_arguments(below: ArgumentParser) -> None:
    below.add_argument("command", nargs="?", choices=tuple(COMMANDS), metavar="COMMAND", help="one of the commands")
    below.set_defaults(run=_help)


def _help(options: Namespace) -> int:
    if options.command is None:
        emit(parser("").format_help().rstrip())
        return exits.FINE
    parser(options.command).parse_args([options.command, "--help"])
    return exits.FINE


# -- what several commands take

def examples(below: ArgumentParser, *lines: str) -> None:
    """The end of a command's help."""
    below.epilog = "\n".join(("examples:", *(f"  {line}" for line in lines), "", EXITS))


def reading(below: ArgumentParser) -> None:
    """How a stream's sections are understood."""
    below.add_argument(
        "--source", choices=("auto", "declared", "embedded"), default="auto",
        help="understand sections by this program's declarations, by the stream's own description at its end, or "
             "(auto) by the first where it fits, else the second")
    below.add_argument(
        "--target", default="", metavar="NAME",
        help="QEMU's target (x86_64, aarch64, ...), where the machine type does not tell it")
    below.add_argument(
        "--setting", action="append", default=[], type=setting, metavar="SECTION::PATH=VALUE", dest="settings",
        help="a fact that the bytes do not carry, such as cpu::long_bits=32; may be given several times")


def colouring(below: ArgumentParser) -> None:
    """Whether the output is coloured."""
    below.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto",
        help="colours; auto: on a terminal, unless NO_COLOR is set or TERM is dumb")


def setting(text: str) -> tuple[str, int | bool | str]:
    """`SECTION::path=VALUE`: a number (decimal, 0x…), true, false, or text."""
    path, mark, value = text.rpartition("=")
    if not mark or not path.rpartition("::")[2]:
        raise ArgumentTypeError(f"{text!r} is no SECTION::PATH=VALUE")
    if value in ("true", "false"):
        return path, value == "true"
    try:
        return path, int(value, 0)
    except ValueError:
        return path, value
