"""Lines of Python: calls, conditions and docstrings, broken where they are too long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap

WIDTH = 120
STEP = "    "


def call(head: str, name: str, arguments: Sequence[str]) -> str:
    """A call in one line; else its arguments in lines of their own."""
    if len(line := f"{head}{name}({', '.join(arguments)})") <= WIDTH:
        return line
    indent = head[:len(head) - len(head.lstrip())] + STEP
    lines, current = [f"{head}{name}("], ""
    for i, one in enumerate(arguments):
        told = one + (")" if i == len(arguments) - 1 else ",")
        if current and len(indent) + len(current) + 1 + len(told) > WIDTH:
            lines.append(indent + current)
            current = ""
        current = f"{current} {told}".lstrip()
    return "\n".join([*lines, indent + current])


def either(head: str, conditions: Sequence[str]) -> str:
    """Conditions of which one is enough."""
    if len(line := head + " or ".join(conditions)) <= WIDTH:
        return line
    indent = head[:len(head) - len(head.lstrip())]
    inside = f"\n{indent}{STEP}or ".join(conditions)
    return f"{head}(\n{indent}{STEP}{inside}\n{indent})"


def docstring(indent: str, first: str, others: Iterable[str] = ()) -> str:
    """A line; below it what else is to be said, each a paragraph's line of its own."""
    lines = [indent + line for one in others for line in wrap(one, WIDTH - len(indent), subsequent_indent="  ")]
    if not lines:
        return f'{indent}"""{first}"""'
    return "\n".join([f'{indent}"""{first}', "", *lines, f'{indent}"""'])
