"""What is wrong with which declaration."""

from __future__ import annotations

from ..nodes import Node, node
from .rules import RULES, Rule


@node
class Flaw(Node):
    """One finding. `place` is `MODULE:CLASS`, with `::NAME` behind it in a subsection; `member` is what it is about.

    `reason`: why somebody accepts it; it is none then.
    """

    id: str
    place: str
    member: str
    message: str
    reason: str = ""

    @property
    def rule(self) -> Rule:
        """The rule that finds it."""
        return RULES[self.id]

    def __str__(self) -> str:
        place = f"{self.place}.{self.member}" if self.member else self.place
        return f"{place}: {self.message}"
