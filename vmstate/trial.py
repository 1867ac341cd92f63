"""The settings of one walk: those that were given, and a guess for each that nothing tells (exact fit)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import Key, Mismatch, render_path
from .shape import Setting

MOST_TRIALS = 4096


class Trial:
    """One combination of settings. `next()` goes to the one after it, depth first, until there is none.

    `given` is keyed by path below the record (`transport.pci.config_size`), or by any tail of it (`config_size`).
    """

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        self.given = dict(given or {})
        self.chosen: dict[str, Any] = {}
        self._guesses: list[tuple[int, int]] = []
        self._asked = 0
        self.tried = 0
        self.met, self.used = set[str](), set[str]()

    def find(self, path: tuple[Key, ...]) -> Any:
        """What was given for this path, or None."""
        if not self.given:
            return None
        name = render_path(path)
        tails = [tail for tail in self.given if name == tail or name.endswith("." + tail)]
        self.met.add(name)
        self.used.update(tails)
        return self.given[max(tails, key=len)] if tails else None

    def check(self) -> None:
        """Raises Mismatch where something was given that no setting is called."""
        if unknown := sorted(self.given.keys() - self.used):
            raise Mismatch(f"no setting {', '.join(unknown)}", hint=f"there is {', '.join(sorted(self.met)) or 'none'}")

    def guess(self, shape: Setting) -> Any:
        """The value to try this time. None where there is nothing to choose from."""
        if not shape.choices:
            return None
        if self._asked == len(self._guesses):
            self._guesses.append((0, len(shape.choices)))
        index, _ = self._guesses[self._asked]
        self._asked += 1
        return shape.choices[index]

    def again(self) -> None:
        """The same combination from its beginning: what was taken is forgotten."""
        self._asked, self.chosen = 0, {}

    def note(self, path: tuple[Key, ...], value: Any) -> None:
        """Remembers what this walk took."""
        self.chosen[render_path(path)] = value

    def next(self) -> bool:
        """Whether there is another combination; if so, this trial is it."""
        guesses = self._guesses
        while guesses and guesses[-1][0] + 1 == guesses[-1][1]:
            guesses.pop()
        self.tried += 1
        if not guesses or self.tried >= MOST_TRIALS:
            return False
        guesses[-1] = guesses[-1][0] + 1, guesses[-1][1]
        self.again()
        return True
