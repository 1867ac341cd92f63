"""`vmstate schema`: the schemas of declared devices, on standard output or as files in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from devices.catalogue import registry
from vmstate import Record, Registry

from . import exits
from .grammar import Options
from .output import emit
from .trouble import TROUBLES, Unusable, code_of, text_of

FORMS = {"json-schema": ("schema", ".json"), "asn1": ("asn1", ".asn1"), "cddl": ("cddl", ".cddl")}
"""By format: the module of `visitors` that has its `text`, and how names of files end."""
MOST_LIKE = 10


def run(options: Options) -> int:
    """Prints, writes or checks them, and returns the exit code."""
    try:
        made = dict(texts(options.devices, options.format))
        if options.check:
            return _check(made, options)
        if options.out:
            _write(made, Path(options.out))
        else:
            emit("\n".join(made.values()).rstrip("\n"))
    except TROUBLES as trouble:
        exits.complain(text_of(trouble))
        return code_of(trouble)
    return exits.FINE


def texts(devices: Sequence[str], form: str) -> Iterator[tuple[str, str]]:
    """The file's name and the text of each schema; of all devices, if none is named. Raises Unusable."""
    name, ending = FORMS[form]
    module: Any = import_module(f"visitors.{name}")
    for stem, record in records(registry(), devices):
        yield stem + ending, module.text(record)


def records(known: Registry, devices: Sequence[str]) -> Iterator[tuple[str, Record[Any]]]:
    """Records by what their files are called: the device, and the class where it has several. Raises Unusable."""
    for device in devices or known:
        found = known.named(device)
        if not found:
            raise Unusable(f"no device {device}; {_like(device, known)}")
        for record in found:
            yield device.replace("/", "-") + (f".{record.kind.__name__}" if len(found) > 1 else ""), record


def _like(device: str, known: Registry) -> str:
    """Those that are called almost so, or where to find all."""
    from difflib import get_close_matches

    like = get_close_matches(device, list(known), MOST_LIKE, 0.5)
    return f"there is {', '.join(like)}" if like else "`vmstate schema --out DIR` writes one for each there is"


# -- a folder

def _write(made: dict[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text, "utf-8", newline="\n")


def _check(made: dict[str, str], options: Options) -> int:
    """Whether the files are what they would be; with every device, also whether each is one's."""
    if not options.out:
        raise Unusable("--check looks at a folder: say which with --out")
    folder = Path(options.out)
    stale = {name: _compared(folder / name, text) for name, text in made.items()}
    if not options.devices:
        others = {path.name for path in folder.glob(f"*{FORMS[options.format][1]}")} - made.keys()
        stale.update(dict.fromkeys(sorted(others), "no device has it"))
    for name, why in stale.items():
        if why:
            exits.complain(str(folder / name), why)
    return exits.FINDINGS if any(stale.values()) else exits.FINE


def _compared(path: Path, text: str) -> str:
    """Why a file is stale; empty if it is not."""
    if not path.exists():
        return "it is missing"
    return "" if path.read_bytes() == text.encode() else "it is not what the declaration says"
