"""Which QEMU wrote a stream, as far as the stream shows.

A machine type came with the release of its number, so no older one knows it. The description's style and keys follow
the binary (spaces: up to 5.2; `configuration`: since 8.2; types `nullptr`: since 10.0, `ptr-marker`: since 11.0;
`index`: up to 10.2). The command SWITCHOVER_START came with 10.0, and compressed pages went with 9.1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from migration.ram.items import Flag
from migration.stream.events import Command, Configured, Trailer
from vmstate.describe.vmdesc import SPACED

from .memory import Memory

if TYPE_CHECKING:
    from .show import Item

Release = tuple[int, int]
MACHINE = re.compile(r"-(\d+)\.(\d+)$")
SWITCHOVER_START = 11
SINCE: dict[bytes, Release] = {b'"type": "nullptr"': (10, 0), b'"type": "ptr-marker"': (11, 0)}
UNTIL: dict[bytes, Release] = {b'"index": ': (10, 2)}
TOP_LEVEL_CONFIGURATION = re.compile(rb'^\{"configuration": |, "configuration": \{')


class Generation:
    """Gathers evidence: not before, not after."""

    def __init__(self) -> None:
        self.least: Release | None = None
        self.most: Release | None = None
        self.evidence: list[str] = []
        self.configured = False

    def since(self, release: Release, why: str) -> None:
        """It is this release or a later one."""
        self.least = release if self.least is None else max(self.least, release)
        self.evidence.append(why)

    def until(self, release: Release, why: str) -> None:
        """It is this release or an earlier one."""
        self.most = release if self.most is None else min(self.most, release)
        self.evidence.append(why)

    def take(self, item: Item) -> None:
        """What an item tells."""
        match item:
            case Configured(configuration=configuration):
                self.configured = True
                if (found := MACHINE.search(configuration.machine)) is not None:
                    self.since((int(found[1]), int(found[2])), f"machine type {found[1]}.{found[2]}")
            case Command(command=number) if number == SWITCHOVER_START:
                self.since((10, 0), "SWITCHOVER_START")
            case Memory():
                self._pages(item)
            case Trailer(text=text):
                self._description(text)
            case _:
                return

    def _pages(self, memory: Memory) -> None:
        if memory.total[Flag.COMPRESS_PAGE.name.lower()]:
            self.until((9, 0), "compressed pages")

    def _description(self, text: bytes) -> None:
        if text.startswith(SPACED):
            self.until((5, 2), "description with spaces")
            return
        self.since((6, 0), "description without spaces")
        if TOP_LEVEL_CONFIGURATION.search(text) is not None:
            self.since((8, 2), "with `configuration`")
        elif self.configured:
            self.until((8, 1), "without `configuration`")
        for mark, release in SINCE.items():
            if mark in text:
                self.since(release, f"with {mark.decode()}")
        for mark, release in UNTIL.items():
            if mark in text:
                self.until(release, f"with {mark.decode().strip(': ')}")

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"least": _text(self.least), "most": _text(self.most), "evidence": self.evidence}

    def __str__(self) -> str:
        least, most = _text(self.least), _text(self.most)
        if self.least is not None and self.most is not None and self.least > self.most:
            return f"unclear: not before {least}, not after {most}"
        if least is not None and most is not None:
            return least if least == most else f"{least} to {most}"
        return f"{least} or later" if least is not None else f"{most} or older" if most is not None else "unknown"


def _text(release: Release | None) -> str | None:
    return None if release is None else f"{release[0]}.{release[1]}"
