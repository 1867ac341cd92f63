"""The size of modules and functions, in lines."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("vmstate", "visitors", "devices", "migration", "vmstate_cli")
MODULE = 400
FUNCTION = 40  # from `def` to the last line, docstring included

# Modules that are longer because they hold a table, and which. The lines of the table are then not counted.
TABLES: dict[str, str] = {}


def _modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _lines(source: str) -> int:
    return len(source.splitlines())


def _extent(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _table_lines(tree: ast.Module) -> int:
    """The lines of assignments at module level."""
    return sum(_extent(node) for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign))


def _long_functions(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (lines := _extent(node)) > FUNCTION:
            yield f"{name}:{node.lineno} {node.name}: {lines} lines"


def test_the_packages_are_found() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in _modules()}
    assert found == set(PACKAGES)


def test_modules_are_short() -> None:
    too_long: list[str] = []
    for path in _modules():
        source = path.read_text("utf-8")
        lines = _lines(source)
        if _name(path) in TABLES:
            lines -= _table_lines(ast.parse(source))
        if lines > MODULE:
            too_long.append(f"{_name(path)}: {lines} lines")
    assert not too_long, f"at most {MODULE} lines:\n" + "\n".join(too_long)


def test_functions_are_short() -> None:
    trees = ((_name(path), ast.parse(path.read_text("utf-8"))) for path in _modules())
    too_long = [line for name, tree in trees for line in _long_functions(name, tree)]
    assert not too_long, f"at most {FUNCTION} lines:\n" + "\n".join(too_long)


def test_every_exception_is_needed() -> None:
    unneeded = [name for name in TABLES if _lines((ROOT / name).read_text("utf-8")) <= MODULE]
    assert not unneeded
