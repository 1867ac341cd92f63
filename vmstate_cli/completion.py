"""`vmstate completion`: a shell's completion script, made of the grammar itself."""

from __future__ import annotations

from collections.abc import Callable

from . import exits
from .grammar import COMMANDS, Argument, Command, Options
from .output import emit


def run(options: Options) -> int:
    """Prints the script."""
    emit(SHELLS[options.shell]())
    return exits.FINE


def options_of(command: Command) -> list[Argument]:
    """A command's options, `--help` among them."""
    return [Argument("--help", "show this help message", flag=True), *(
        one for one in command.arguments if one.is_option)]


def words_of(command: Command) -> tuple[str, ...]:
    """The words that may stand as its argument; none: files."""
    return tuple(word for one in command.arguments if not one.is_option for word in one.choices)


def short(text: str) -> str:
    """The first part of a help text."""
    return text.partition(";")[0]


# -- the shells

BASH = """\
_vmstate() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words=
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W @names@ -- "$word")
        return
    fi
    case $command,$before in
@cases@
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o bashdefault -o default -F _vmstate vmstate"""

ZSH = """\
#compdef vmstate
_vmstate() {
    local -a commands
    commands=(
@commands@
    )
    if ((CURRENT == 2)); then
        _describe command commands
        return
    fi
    local command=$words[2]
    shift words
    ((CURRENT--))
    case $command in
@cases@
    esac
}
compdef _vmstate vmstate"""


def bash() -> str:
    """Words by command and by what stands before; where there are none, files."""
    cases: list[str] = []
    for name, command in COMMANDS.items():
        for option in options_of(command):
            if not option.flag:
                does = f"words={_quoted(' '.join(option.choices))}" if option.choices else "return"
                cases.append(f"        {name},{option.name}) {does} ;;")
        every = " ".join([*(option.name for option in options_of(command)), *words_of(command)])
        cases.append(f"        {name},*) words={_quoted(every)} ;;")
    names = _quoted(" ".join((*COMMANDS, "--help", "--version")))
    return BASH.replace("@names@", names).replace("@cases@", "\n".join(cases))


def zsh() -> str:
    """By _arguments."""
    listed: list[str] = []
    cases: list[str] = []
    for name, command in COMMANDS.items():
        listed.append(f"        {_quoted(f'{name}:{_escaped(command.summary)}')}")
        words = words_of(command)
        rest = f"*:argument:({' '.join(words)})" if words else "*:file:_files"
        specs = [*map(_zsh_option, options_of(command)), rest]
        cases.append(f"        {name}) _arguments {' '.join(map(_quoted, specs))} ;;")
    return ZSH.replace("@commands@", "\n".join(listed)).replace("@cases@", "\n".join(cases))


def _escaped(text: str) -> str:
    return "".join(f"\\{one}" if one in ":[]\\" else one for one in text)


def _zsh_option(option: Argument) -> str:
    otherwise = ":file:_files" if option.is_file else ":value: "
    value = "" if option.flag else f":value:({' '.join(option.choices)})" if option.choices else otherwise
    return f"{option.name}[{_escaped(short(option.help))}]{value}"


def fish() -> str:
    """One line per word."""
    lines = [f"complete -c vmstate -n __fish_use_subcommand -f -a {name} -d {_quoted(command.summary)}"
             for name, command in COMMANDS.items()]
    for name, command in COMMANDS.items():
        seen = f"complete -c vmstate -n {_quoted(f'__fish_seen_subcommand_from {name}')}"
        if words := words_of(command):
            lines.append(f"{seen} -f -a {_quoted(' '.join(words))}")
        for option in options_of(command):
            free = "" if option.flag else " -r" if option.is_file else " -x"
            values = f" -x -a {_quoted(' '.join(option.choices))}" if option.choices else free
            lines.append(f"{seen} -l {option.name.removeprefix('--')}{values} -d {_quoted(short(option.help))}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """In single quotes, as all three shells read it."""
    return "'" + text.replace("'", "'\\''") + "'"


SHELLS: dict[str, Callable[[], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
