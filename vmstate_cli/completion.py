"""`vmstate completion`: a shell's completion script, made of the grammar itself."""

from __future__ import annotations

from argparse import Action, ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from . import exits
from .options import COMMANDS, examples
from .output import emit


def arguments(below: ArgumentParser) -> None:
    """What the command takes."""
    below.add_argument("shell", choices=tuple(SHELLS), help="for which shell")
    examples(
        below,
        "source <(vmstate completion bash)                            in ~/.bashrc",
        "source <(vmstate completion zsh)                             in ~/.zshrc, after compinit",
        "vmstate completion fish > ~/.config/fish/completions/vmstate.fish")


def run(options: Namespace) -> int:
    """Prints the script."""
    from .options import parsers

    emit(SHELLS[options.shell](list(commands(parsers()))))
    return exits.FINE


class Option(NamedTuple):
    """An option of a command: how it is written, what it does, what may follow it."""

    names: tuple[str, ...]
    help: str
    takes: bool
    choices: tuple[str, ...]


class Command(NamedTuple):
    """A command: its options, and the words that may stand as its argument (none: files)."""

    name: str
    help: str
    options: tuple[Option, ...]
    words: tuple[str, ...]


def commands(parsers: Mapping[str, ArgumentParser]) -> Iterator[Command]:
    """What the grammar has."""
    for name, below in parsers.items():
        actions: list[Action] = vars(below)["_actions"]  # argparse tells its grammar nowhere else
        options = tuple(
            Option(tuple(one.option_strings), (one.help or "").split(";")[0], one.nargs != 0, _words(one.choices))
            for one in actions if one.option_strings)
        words = tuple(word for one in actions if not one.option_strings for word in _words(one.choices))
        yield Command(name, COMMANDS[name], options, words)


def _words(choices: Any) -> tuple[str, ...]:
    return tuple(map(str, choices or ()))


# -- the shells

def bash(found: list[Command]) -> str:
    """Words by command; what takes no word of a list is a file."""
    cases: list[str] = []
    for one in found:
        values = [f"        {one.name},{name}) words={_quoted(' '.join(option.choices))} ;;"
                  for option in one.options for name in option.names if option.choices]
        plain = [f"        {one.name},{name}) return ;;"
                 for option in one.options for name in option.names if option.takes and not option.choices]
        every = " ".join([*(name for option in one.options for name in option.names), *one.words])
        cases += [*values, *plain, f"        {one.name},*) words={_quoted(every)} ;;"]
    names = " ".join(one.name for one in found)
    return f"""\
_vmstate() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]}} words=
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W {_quoted(names + ' --help --version')} -- "$word")
        return
    fi
    case $command,$before in
{chr(10).join(cases)}
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}}
complete -o bashdefault -o default -F _vmstate vmstate"""


def zsh(found: list[Command]) -> str:
    """By _arguments."""
    summaries = "\n".join(f"        {_quoted(f'{one.name}:{_zsh_text(one.help)}')}" for one in found)
    cases: list[str] = []
    for one in found:
        specs = [_zsh_option(name, option) for option in one.options for name in option.names]
        rest = f"*:argument:({' '.join(one.words)})" if one.words else "*:file:_files"
        cases.append(f"        {one.name}) _arguments {' '.join(map(_quoted, [*specs, rest]))} ;;")
    return f"""\
#compdef vmstate
_vmstate() {{
    local -a commands
    commands=(
{summaries}
    )
    if ((CURRENT == 2)); then
        _describe command commands
        return
    fi
    local command=$words[2]
    shift words
    ((CURRENT--))
    case $command in
{chr(10).join(cases)}
    esac
}}
compdef _vmstate vmstate"""


def _zsh_text(text: str) -> str:
    return "".join(f"\\{one}" if one in ":[]\\" else one for one in text)


def _zsh_option(name: str, option: Option) -> str:
    value = "" if not option.takes else f":value:({' '.join(option.choices)})" if option.choices else ":value: "
    return f"{name}[{_zsh_text(option.help)}]{value}"


def fish(found: list[Command]) -> str:
    """One line per word."""
    lines = [f"complete -c vmstate -n __fish_use_subcommand -f -a {one.name} -d {_quoted(one.help)}" for one in found]
    for one in found:
        seen = f"-n {_quoted(f'__fish_seen_subcommand_from {one.name}')}"
        if one.words:
            lines.append(f"complete -c vmstate {seen} -f -a {_quoted(' '.join(one.words))}")
        for option in one.options:
            names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
            values = f" -x -a {_quoted(' '.join(option.choices))}" if option.choices else " -x" if option.takes else ""
            lines.append(f"complete -c vmstate {seen} {names}{values} -d {_quoted(option.help)}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """In single quotes, as all three shells read it."""
    return "'" + text.replace("'", "'\\''") + "'"


SHELLS: dict[str, Callable[[list[Command]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
