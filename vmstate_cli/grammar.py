"""The command line's grammar, as data.

What is well-formed is read right here; for all else, help and errors among it, `usage` makes an argparse parser of
the same data: to import and build one takes a twentieth of a command's time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any, Literal


class Argument:
    """One argument. An option begins with `--`; it is a flag, or takes a value.

    `many` says how often a positional argument may stand (empty: once), or how many values an option takes: all that
    follow it. The value of an option with `read` is read by that, which raises ValueError; `several`: it may be given
    several times; `short` is its other name.
    """

    def __init__(
        self, name: str, help_text: str, metavar: str = "", choices: tuple[str, ...] = (), default: str = "", *,
        flag: bool = False, many: Literal["", "*", "+", "?"] = "", read: Callable[[str], Any] | None = None,
        several: bool = False, short: str = "",
    ) -> None:
        self.name, self.help, self.metavar, self.choices, self.default = name, help_text, metavar, choices, default
        self.flag, self.many, self.read, self.several, self.short = flag, many, read, several, short

    @property
    def is_option(self) -> bool:
        return self.name.startswith("--")

    @property
    def key(self) -> str:
        """The attribute of the options that holds it."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def is_file(self) -> bool:
        """Whether its value is a file's name."""
        return self.metavar in ("STREAM", "FILE")


class Command:
    """One command; its module has `run(options)`."""

    def __init__(self, summary: str, arguments: tuple[Argument, ...], examples: tuple[str, ...] = ()) -> None:
        self.summary, self.arguments, self.examples = summary, arguments, examples


class Options(SimpleNamespace):
    """The arguments of one command, as attributes."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def setting(text: str) -> tuple[str, int | bool | str]:
    """`SECTION::path=VALUE`: a number (decimal, 0x...), true, false, or text. Raises ValueError."""
    path, mark, value = text.rpartition("=")
    if not mark or not path.rpartition("::")[2]:
        raise ValueError(text)
    if value in ("true", "false"):
        return path, value == "true"
    try:
        return path, int(value, 0)
    except ValueError:
        return path, value


def size(text: str) -> int:
    """A number of bytes: decimal, 0x... Raises ValueError."""
    if (number := int(text, 0)) < 0:
        raise ValueError(text)
    return number


STREAM = Argument("stream", "the file, or - for standard input", "STREAM")
COLOR = Argument("--color", "colours; auto: on a terminal, unless NO_COLOR is set or TERM is dumb",
                 choices=("auto", "always", "never"), default="auto")
RAW = Argument("--raw", "values alone: bits and numbers without their names, times in ns, registers as bytes",
               flag=True)
READING = (
    Argument("--source", "understand sections by this program's declarations, by the stream's own description at its "
             "end, or (auto) by the first where it fits, else the second",
             choices=("auto", "declared", "embedded"), default="auto"),
    Argument("--target", "QEMU's target (x86_64, aarch64, ...), where the machine type does not tell it", "NAME"),
    Argument("--setting", "a fact that the bytes do not carry, such as cpu::long_bits=32; may be given several times",
             "SECTION::PATH=VALUE", read=setting, several=True),
    Argument("--describe-with", "a stream of a machine like this, whose description serves where there is none",
             "STREAM"),
    Argument("--offset", "where in the file the stream begins, if something else than zeros stands before it",
             "BYTES", read=size),
)
"""How a stream's sections are understood."""

COMMANDS: dict[str, Command] = {
    "show": Command(
        "a stream's state, as a tree or as JSON",
        (STREAM,
         Argument("devices", "show these sections alone: a name or its end behind a slash, as NAME@instance or "
                  "NAME#nth where it is there several times (#1 is the first)", "DEVICE", many="*"),
         Argument("--format", "a tree to read; one JSON document; or a JSON line for the stream, then one per section",
                  choices=("tree", "json", "ndjson"), default="tree"),
         Argument("--all", "every row: nothing folded, no bytes left out, padding too", flag=True),
         Argument("--offsets", "offset in the stream and size before each row", flag=True),
         Argument("--hex", "the bytes beside the tree", flag=True),
         RAW,
         *READING, COLOR),
        ("vmstate show guest.qemu.zst              the whole stream",
         "vmstate show guest.qemu.zst cpu@1        the second processor",
         "vmstate show guest.qemu virtio-net --hex its bytes beside it",
         "vmstate show - --format json < guest.qemu | jq '.sections[].name'")),
    "get": Command(
        "values out of a stream, each by its place",
        (STREAM,
         Argument("places", "SECTION::path: a section's name or its end behind a slash, as NAME@instance or NAME#nth "
                  "where it is there several times, then members, [3] or [0x10:0x20]; without a path all of it",
                  "PLACE", many="+"),
         Argument("--format", "as `show` has it, or JSON", choices=("text", "json"), default="text"),
         RAW, *READING, COLOR),
        ("vmstate get guest.qemu mc146818rtc::period",
         "vmstate get guest.qemu 'cpu@1::regs[4]' cpu@1::eip",
         "vmstate get --format json guest.qemu 'mc146818rtc::cmos_data[0x10:0x20]' | jq '.values[].value'")),
    "set": Command(
        "a stream with some of its values changed, into another file",
        (STREAM,
         Argument("values", "SECTION::path as for `get`, and the value: a number, also 0x...; a name where there are "
                  "names; hexadecimal bytes, or text in double quotes; true, false, null; JSON for what has parts",
                  "PLACE=VALUE", many="*"),
         Argument("--output", "where the result goes, or - for standard output; never the same file", "FILE",
                  short="-o"),
         *READING),
        ("vmstate set guest.qemu 'mc146818rtc::cmos_data[0x45]=0xa5' -o new.qemu",
         "vmstate set guest.qemu cpu@1::eip=0x7c00 virtio-net::net.mac=52:54:00:12:34:57 -o new.qemu",
         "vmstate set guest.qemu 'globalstate::runstate=\"paused\"' 'cpu::segs[1]={\"base\": 0}' -o new.qemu")),
    "diff": Command(
        "what differs between two streams: sections, values by path, pages of memory",
        (Argument("old", "a stream or a document, or - for standard input", "STREAM"),
         Argument("new", "the same, to compare it with", "STREAM"),
         Argument("--ignore", "leave out what has this place, SECTION::path with * and ?, and all below it; may be "
                  "given several times, besides those of the configuration", "PATTERN", read=str, several=True),
         Argument("--limit", "so many lines for each section, instead of 20; 0: all", "LINES", read=size),
         Argument("--config", "the configuration, instead of the nearest vmstate.toml or pyproject.toml", "FILE"),
         Argument("--format", "text to read, or JSON", choices=("text", "json"), default="text"),
         *READING, COLOR),
        ("vmstate diff before.qemu after.qemu",
         "vmstate diff before.qemu after.json --ignore 'timer::*' --ignore '*::*_time'",
         "vmstate diff --format json before.qemu after.qemu | jq '.changed[].section'")),
    "info": Command(
        "what a stream is, on one screen",
        (STREAM, Argument("--format", "a screen to read, or JSON", choices=("text", "json"), default="text"),
         *READING, COLOR),
        ("vmstate info guest.qemu.zst", "vmstate info --format json guest.qemu | jq .qemu")),
    "verify": Command(
        "read streams, write them again, compare",
        (Argument("streams", "the files, or - for standard input", "STREAM", many="+"),
         Argument("--format", "a line per stream, or JSON", choices=("text", "json"), default="text"),
         *READING, COLOR),
        ("vmstate verify *.qemu.zst", "vmstate verify --format json guest.qemu | jq '.streams[].ok'")),
    "convert": Command(
        "a stream into a document of BER, CBOR, msgpack or JSON, and back",
        (Argument("input", "the file, a stream or a document, or - for standard input", "STREAM"),
         Argument("--output", "where the result goes, or - for standard output", "FILE", short="-o"),
         Argument("--to", "the form of the result; qemufile is QEMU's own",
                  choices=("qemufile", "ber", "cbor", "msgpack", "json"), default="qemufile"),
         Argument("--profile", "names with each attribute, or once for each kind of record",
                  choices=("named", "compact"), default="named"),
         Argument("--edited", "the document was changed by hand: its digests are not looked at", flag=True),
         Argument("--drop-unknown", "leave out what QEMU's stream has no place for, and say so", flag=True),
         *READING),
        ("vmstate convert guest.qemu -o guest.cbor --to cbor --profile compact",
         "vmstate convert guest.cbor -o - --to json | jq -c 'select(.item.name == \"timer\")'",
         "vmstate convert edited.json -o guest.qemu --edited")),
    "schema": Command(
        "the schemas of declared devices, for reviewers and other programs",
        (Argument("devices", "these devices alone, by the names of their sections", "DEVICE", many="*"),
         Argument("--format", "JSON Schema 2020-12; an ASN.1 module for BER; a CDDL grammar for CBOR",
                  choices=("json-schema", "asn1", "cddl"), default="json-schema"),
         Argument("--out", "a folder that gets a file for each device", "DIR"),
         Argument("--check", "write nothing; say which files of the folder are stale", flag=True)),
        ("vmstate schema hpet", "vmstate schema hpet serial --format cddl",
         "vmstate schema --out schema_out --check")),
    "plan": Command(
        "how generated code saves and loads a device, member by member: what one struct takes, what the walk does",
        (Argument("devices", "these devices, by the names of their sections", "DEVICE", many="+"),
         Argument("--code", "which function: of a live instance, or of a file",
                  choices=("save", "load", "load-into", "encode", "decode"), default="load-into"),
         Argument("--source", "its source, as Python", flag=True),
         Argument("--format", "text to read, or JSON", choices=("text", "json"), default="text"),
         COLOR),
        ("vmstate plan hpet", "vmstate plan cpu --code save --source")),
    "validate": Command(
        "a device's state in JSON against its schema",
        (Argument("state", "the file, or - for standard input: a state, a document, or a section of one", "STATE"),
         Argument("--device", "whose state it is, where the document does not say", "NAME"),
         Argument("--schema", "a schema to go by instead", "FILE")),
        ("vmstate validate hpet.json --device hpet", "vmstate validate guest.json",
         "vmstate convert guest.qemu -o - --to json | vmstate validate -")),
    "compare": Command(
        "whether streams of one side load on the other, in both directions, and why not",
        (Argument("old", "a file: QEMU's -dump-vmstate, a stream, its description, a schema; a folder of schemas; "
                  "git:REV, for those of a revision; `devices`, for this program's own; or MODULE:CLASS", "OLD"),
         Argument("new", "the same for the other side", "NEW"),
         Argument("--wire", "the format that streams are of", choices=("qemufile", "cbor", "ber", "msgpack", "json"),
                  default="qemufile"),
         Argument("--level", "what is promised: old streams load in new code, new streams in old code, or both",
                  choices=("backward", "forward", "full"), default="backward"),
         Argument("--transitive", "streams of all versions that the old side reads, not only of its newest", flag=True),
         Argument("--device", "this section alone, or its end behind a slash; may be given several times", "NAME",
                  read=str, several=True),
         Argument("--config", "the configuration, instead of the nearest vmstate.toml or pyproject.toml", "FILE"),
         Argument("--format", "text to read; JSON; workflow commands of GitHub; XML as JUnit has it; a page for "
                  "reviewers", choices=("text", "json", "github", "junit", "html"), default="text"),
         Argument("--output", "where the report goes, instead of standard output", "FILE", short="-o"),
         COLOR),
        ("vmstate compare qemu-7.2.json qemu-10.0.json --device e1000",
         "vmstate compare git:v1.0 git:HEAD --level full --transitive",
         "vmstate compare old.json new.json --wire cbor --format html -o report.html")),
    "rules": Command(
        "the rules that `compare` goes by: what a change does, and what to do instead",
        (Argument("--format", "a line each; JSON; or the page docs/compatibility.md",
                  choices=("text", "json", "markdown"), default="text"),
         COLOR),
        ("vmstate rules", "vmstate rules --format json | jq '.rules[].id'")),
    "check": Command(
        "whether this very stream would load there",
        (STREAM,
         Argument("--against", "a stream of the destination's build and machine, or its -dump-vmstate; else this "
                  "program's own declarations", "FILE"),
         Argument("--format", "text to read, or JSON", choices=("text", "json"), default="text"),
         *READING, COLOR),
        ("vmstate check guest.qemu --against qemu-11.1.json", "vmstate check guest.qemu --against other.qemu")),
    "replay": Command(
        "load an old stream into newer declarations and save it again; or prove in a real QEMU that it loads",
        (Argument("stream", "the file, or - for standard input; with --pinned the folder, instead of tests/golden",
                  "STREAM", many="?"),
         Argument("arguments", "behind --: how the real QEMU is started, as the source was", "ARGS", many="*"),
         Argument("--onto", "declarations that take the place of this program's own of the same names: a file or a "
                  "module, each with :CLASS; or `devices`", "DECLARATIONS", default="devices"),
         Argument("--output", "where the new stream goes, or - for standard output; without, nothing is written",
                  "FILE", short="-o"),
         Argument("--qemu", "a QEMU that is to load it; may be given several times", "BINARY", read=str, several=True),
         Argument("--matrix", "a table: a line for each of these QEMUs, and for those of --qemu", "BINARY", many="*"),
         Argument("--time", "so many seconds a QEMU has, instead of 30", "SECONDS", read=float),
         Argument("--pinned", "all states of a folder that `vmstate pin` has stored", flag=True),
         Argument("--format", "text to read, or JSON", choices=("text", "json"), default="text"),
         *READING, COLOR),
        ("vmstate replay old.qemu -o new.qemu",
         "vmstate replay old.qemu --onto mydevices.py -o new.qemu",
         "vmstate replay old.qemu --qemu qemu-system-x86_64 -- -M pc-i440fx-7.2 -m 16 -nodefaults",
         "vmstate replay old.qemu --matrix qemu-7.2 qemu-10.0 -- -M pc-i440fx-7.2 -m 16 -nodefaults",
         "vmstate replay --pinned --onto mydevices.py")),
    "pin": Command(
        "store a state of each declared device, for later versions of its declaration to load",
        (Argument("devices", "these devices alone, by the names of their sections", "DEVICE", many="*"),
         Argument("--onto", "declarations to pin instead of this program's own: a file or a module, each with :CLASS",
                  "DECLARATIONS", default="devices"),
         Argument("--out", "the folder", "DIR", default="tests/golden"),
         Argument("--release", "the release that the declarations are of, such as 1.4", "NAME"),
         Argument("--format", "text to read, or JSON", choices=("text", "json"), default="text")),
        ("vmstate pin --release 1.4", "vmstate pin hpet serial --release 1.4 --out tests/golden")),
    "scaffold": Command(
        "a declaration to begin with, as a module: what a stream or a dump tells of a device, and what is left to do",
        (Argument("sources", "a stream, for types and sizes; QEMU's -dump-vmstate, for gates and subsections; or both; "
                  "- is standard input", "SOURCE", many="+"),
         Argument("device", "the device, by its section or the section's end; of a dump also by its type", "DEVICE"),
         Argument("--output", "where the module goes, instead of standard output", "FILE", short="-o"),
         *READING[-2:]),
        ("vmstate scaffold guest.qemu 0000:00:03.0/e1000 -o e1000.py",
         "vmstate scaffold guest.qemu qemu-7.2.json e1000")),
    "lint": Command(
        "mistakes in declarations that are legal, and wrong",
        (Argument("modules", "a file, a module or a package, each with :CLASS; without, this program's own devices",
                  "MODULE", many="*"),
         Argument("--rules", "the rules, instead: what is wrong, and what to do", flag=True),
         Argument("--format", "text to read, or JSON", choices=("text", "json"), default="text"),
         COLOR),
        ("vmstate lint", "vmstate lint mydevices.py", "vmstate lint --rules")),
    "explain": Command(
        "what a destination's words mean, or a rule",
        (Argument("text", "what QEMU said when a load failed, in one argument or several; a rule, such as VM301; - is "
                  "standard input", "TEXT", many="+"),
         Argument("--stream", "the stream that was loaded: shows what it has where the text points to", "STREAM"),
         Argument("--against", "the destination, as for `check`: shows where stream and reader part", "FILE"),
         Argument("--format", "text to read, or JSON", choices=("text", "json"), default="text"),
         *READING, COLOR),
        ("vmstate explain VM301",
         "vmstate explain - < qemu.log",
         "vmstate explain - --stream guest.qemu --against qemu-11.1.json < qemu.log")),
    "completion": Command(
        "a script that completes this command line in a shell",
        (Argument("shell", "for which shell", choices=("bash", "zsh", "fish")),),
        ("source <(vmstate completion bash)    in ~/.bashrc",
         "source <(vmstate completion zsh)     in ~/.zshrc, after compinit",
         "vmstate completion fish > ~/.config/fish/completions/vmstate.fish")),
}
COMMANDS["help"] = Command(
    "this text, or a command's",
    (Argument("command", "one of the commands", "COMMAND", choices=(*COMMANDS, "help"), many="?"),))


def parse(given: Sequence[str]) -> tuple[str, Options] | None:
    """The command and its options; None where it takes more to understand them, or to say what is wrong."""
    command = COMMANDS.get(given[0]) if given else None
    if command is None:
        return None
    options = Options(**{one.key: unset(one) for one in command.arguments})
    places: list[str] = []
    texts = deque(given[1:])
    while texts:
        text = texts.popleft()
        if text == "--":
            places += texts
            break
        if not text.startswith("-") or text == "-":
            places.append(text)
        elif not _take(command, text, texts, options):
            return None
    return (given[0], options) if _place(command, places, options) else None


def unset(argument: Argument) -> Any:
    """What an argument is where it was not given."""
    if argument.flag:
        return False
    if argument.is_option and argument.many:
        return None
    if argument.several or argument.many in ("*", "+"):
        return []
    return None if argument.many == "?" or argument.read is not None else argument.default


def _take(command: Command, text: str, texts: deque[str], options: Options) -> bool:
    """One option, with its value out of the same text or the next. Whether it is plain."""
    name, mark, value = text.partition("=")
    option = next((one for one in command.arguments if name in (one.name, one.short) and one.is_option), None)
    if option is None or (option.flag and mark):
        return False
    if option.flag:
        setattr(options, option.key, True)
        return True
    if option.many:
        setattr(options, option.key, [*filter(None, (value,)), *_following(texts)])
        return True
    if not mark:
        value = texts.popleft() if texts else "--"
    standard = value == "-" and option.is_file
    if (value.startswith("-") and not standard) or (option.choices and value not in option.choices):
        return False
    try:
        taken = value if option.read is None else option.read(value)
    except ValueError:
        return False
    setattr(options, option.key, [*getattr(options, option.key), taken] if option.several else taken)
    return True


def _following(texts: deque[str]) -> Iterator[str]:
    """The words up to the next option."""
    while texts and not texts[0].startswith("-"):
        yield texts.popleft()


def behind(argument: Argument, command: Command) -> int:
    """How many positional arguments stand behind this one."""
    places = [one for one in command.arguments if not one.is_option]
    return len(places) - places.index(argument) - 1


def _place(command: Command, places: list[str], options: Options) -> bool:
    """Positional arguments, in their order; one may take several. Whether all fit."""
    for one in command.arguments:
        if one.is_option:
            continue
        if one.many in ("*", "+"):
            ends = len(places) - behind(one, command)
            setattr(options, one.key, places[:max(0, ends)])
            if ends < (one.many == "+"):
                return False
            places = places[ends:]
            continue
        if not places:
            return one.many == "?"
        text = places.pop(0)
        if one.choices and text not in one.choices:
            return False
        setattr(options, one.key, text)
    return not places
