"""Names of Python for QEMU's: of classes, attributes and methods. QEMU's may hold anything."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable
from keyword import iskeyword, issoftkeyword

import vmstate

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", re.ASCII)
OTHER = re.compile(r"[^0-9a-z]+")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])", re.ASCII)
NUMBERED = re.compile(r"\[\d+\]")
MOST = 48
"""Characters of a name that is made."""

TAKEN = frozenset({*vmstate.__all__, "transfer", *(name for name in dir(builtins) if name.islower())})
"""What an attribute would hide from the lines below it, or means something else in a class."""
KINDS = frozenset({*vmstate.__all__, *dir(builtins)})


class Names:
    """Names of one scope, each given once."""

    def __init__(self, taken: Iterable[str] = (), before_number: str = "_") -> None:
        self.given, self.before_number = set(taken), before_number

    def free(self, *wanted: str) -> str:
        """The first that is free; else the last with a number."""
        found = next((one for one in wanted if one not in self.given), "")
        number = 2
        while not found or found in self.given:
            mark = self.before_number if wanted[-1][-1].isdigit() else ""
            found, number = f"{wanted[-1]}{mark}{number}", number + 1
        self.given.add(found)
        return found


def class_name(name: str, otherwise: str = "Device") -> str:
    """`PCIDevice` and `uhci port` as PciDevice and UhciPort."""
    made = "".join(word.capitalize() for word in WORDS.findall(name))[:MOST]
    made = made if made[:1].isalpha() else otherwise + made
    return f"{made}State" if made in KINDS else made


def attribute_names(name: str) -> list[str]:
    """What an attribute may be called: by the last part of QEMU's name; by all of it, and the numbers in it."""
    return [_attribute(NUMBERED.sub("", name).rpartition(".")[2]), _attribute(name)]


def _attribute(text: str) -> str:
    made = OTHER.sub("_", CAMEL.sub("_", text).lower()).strip("_")[:MOST].rstrip("_")
    made = made if made[:1].isalpha() else f"field_{made}".rstrip("_")
    return f"{made}_" if made in TAKEN or iskeyword(made) or issoftkeyword(made) else made


def method_name(does: str, name: str) -> str:
    """A method of the author's: `_has_config`."""
    return f"_{does}_{_attribute(name).rstrip('_')}"


def quoted(text: str) -> str:
    """A literal, in ASCII."""
    inside = text.encode("unicode_escape", "surrogatepass").decode("ascii")
    return '"' + inside.replace('"', '\\"') + '"'


def worded(text: str) -> str:
    """QEMU's name within a sentence: nothing in it ends the text or the line."""
    return re.sub(r"[^ -!#-\[\]-~]", "?", text)[:MOST]
