"""Names that a class body has twice: the first is lost when the class is made, and only its source still has it."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ..shape import Record
from .flaws import Flaw
from .meeting import Met


def check(met: Met) -> Iterator[Flaw]:
    """VL107, where there is a source."""
    if met.parent is not None or not is_main(met.record):
        return
    body = _classes(inspect.getsourcefile(met.kind) or "").get(met.kind.__qualname__)
    for name, times in Counter(_names(body)).items() if body is not None else ():
        if times > 1:
            yield Flaw("VL107", met.place, name, f"it is defined {times} times")


def is_main(record: Record[object]) -> bool:
    """Whether it is the record of its class, and no view."""
    view = vars(record.kind).get("__vmstate__")
    return view is not None and view.built is record


@cache
def _classes(file: str) -> dict[str, ast.ClassDef]:
    """The classes of a source by their names, with those that they are in."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    return dict(_within(tree, ""))


def _within(tree: ast.AST, above: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for one in ast.iter_child_nodes(tree):
        if isinstance(one, ast.ClassDef):
            yield above + one.name, one
            yield from _within(one, f"{above}{one.name}.")


def _names(body: ast.ClassDef) -> Iterator[str]:
    """What it defines; of a property's parts, and of overloads, one."""
    for one in body.body:
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            yield one.target.id
        elif isinstance(one, ast.Assign):
            yield from (target.id for target in one.targets if isinstance(target, ast.Name))
        elif isinstance(one, ast.FunctionDef) and not any(
                isinstance(mark, ast.Attribute) and mark.attr in ("setter", "deleter", "getter")
                for mark in one.decorator_list):
            yield one.name
