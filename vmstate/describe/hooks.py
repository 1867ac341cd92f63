"""What an author's hooks are made of, as a digest each: that another one is another is all that it says.

The digest is of the syntax tree without the docstring, so that words, blanks and Python's version do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..shape import Mapping, Nested, Record, Shape, Temporary

if TYPE_CHECKING:
    import ast

LENGTH = 12
"""Hexadecimal digits of a digest."""


def digests(record: Record[Any]) -> dict[str, str]:
    """Of each hook of this very record, by its name. One whose source is nowhere has none."""
    found = {method.__name__: digest(method) for method in methods(record)}
    return {name: told for name, told in found.items() if told}


def all_digests(record: Record[Any]) -> dict[str, str]:
    """Of the hooks of a record and of all that are in it."""
    return gathered((one.name if one is not record else "", digests(one)) for one in records(record))


def gathered(told: Iterable[tuple[str, dict[str, str]]]) -> dict[str, str]:
    """Digests of many records, each with its name: `NAME: HOOK`. Of records with one name, all."""
    found = dict[str, set[str]]()
    for name, hooks in told:
        for hook, made_of in hooks.items():
            found.setdefault(f"{name}: {hook}" if name else hook, set()).add(made_of)
    return {hook: ", ".join(sorted(made_of)) for hook, made_of in found.items()}


# -- which there are

def records(root: Record[Any]) -> list[Record[Any]]:
    """A record, its subsections, and all that are nested in them; each once."""
    found, left = dict[Record[Any], None](), [root]
    while left:
        if (one := left.pop()) not in found:
            found[one] = None
            left += [sub.record for sub in one.subsections]
            left += [inner for member in one.members for inner in inside(member.shape)]
    return list(found)


def inside(shape: Shape) -> Iterator[Record[Any]]:
    """The records that a shape has in it."""
    if isinstance(shape, Nested | Temporary):
        yield shape.record
    elif isinstance(shape, Mapping):
        yield from (*inside(shape.key), *inside(shape.value))
    elif (of := getattr(shape, "of", None)) is not None:
        yield from inside(of)


def methods(record: Record[Any]) -> Iterator[Callable[..., Any]]:
    """The hooks of a record, and what transfers an imperative state."""
    hooks = record.hooks
    for some in (hooks.pre_save, hooks.pre_load, hooks.post_load, hooks.after_load):
        yield from some
    if record.imperative:
        yield record.kind.transfer


# -- what one is made of

def digest(method: Callable[..., Any]) -> str:
    """What a method is made of; empty where its source cannot be had."""
    import ast  # here alone, as those below: only who compares or writes schemas asks for it
    import inspect
    from hashlib import sha256
    from textwrap import dedent

    try:
        (tree,) = ast.parse(dedent(inspect.getsource(method))).body
    except (OSError, TypeError, ValueError, SyntaxError):
        return ""
    return sha256(told(_wordless(tree)).encode()).hexdigest()[:LENGTH]


def _wordless(tree: ast.stmt) -> ast.stmt:
    """A function without its docstring."""
    import ast

    if isinstance(tree, ast.FunctionDef) and ast.get_docstring(tree, clean=False) is not None:
        tree.body = tree.body[1:]
    return tree


def told(tree: object) -> str:
    """A syntax tree as text. What is empty is left out, as Python's releases differ in what may be."""
    import ast

    if isinstance(tree, ast.AST):
        inside = ((name, value) for name, value in ast.iter_fields(tree) if value is not None and value != [])
        return f"{type(tree).__name__}({', '.join(f'{name}={told(value)}' for name, value in inside)})"
    if isinstance(tree, list):
        return f"[{', '.join(map(told, tree))}]"  # pyright: ignore[reportUnknownArgumentType]
    return repr(tree)
