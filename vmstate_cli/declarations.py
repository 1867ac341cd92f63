"""Declarations out of Python's modules: imported, so that their code runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from vmstate import record_of
from vmstate.describe.hooks import records
from vmstate.shape import Record

from .trouble import Unusable


def declared(name: str, kind: str = "") -> list[Record[Any]]:
    """The declaration of a class, or all that are within no other: of a module, a file, a package. Raises Unusable."""
    try:
        modules = list(_modules(name))
    except ModuleNotFoundError as error:
        if error.name == name.partition(".")[0]:
            raise Unusable(f"{name}: neither a file nor a module") from None
        raise Unusable(f"{name}: {error}") from error
    except (Exception, SystemExit) as error:
        raise Unusable(f"{name}: cannot be imported: {type(error).__name__}: {error}") from error
    if kind:
        return [_class(modules[0], kind)]
    if not (found := [record for module in modules for record in _all(module)]):
        raise Unusable(f"{name}: declares no state")
    within = {inner for record in found for inner in records(record)[1:]}
    return [record for record in found if record not in within] or found


def _modules(name: str) -> Iterator[ModuleType]:
    """The module; of a package, all that are in it."""
    if (path := Path(name)).suffix == ".py" or path.is_dir():
        yield from _within(path.resolve())
        return
    _search("")
    yield from _imported(name)


def _imported(name: str) -> Iterator[ModuleType]:
    module = import_module(name)
    yield module
    for one in walk_packages(getattr(module, "__path__", ()), f"{name}."):
        if not one.name.endswith(".__main__"):
            yield import_module(one.name)


def _within(path: Path) -> Iterator[ModuleType]:
    """A file or folder: by its name in its package, if it is in one; else by itself."""
    steps, top = [path.stem], path.parent
    while (top / "__init__.py").exists():
        steps, top = [top.name, *steps], top.parent
    if path.suffix == ".py" and len(steps) == 1:
        yield _alone(path)
        return
    _search(str(top))
    for module in _imported(".".join(steps)):
        if top not in Path(module.__file__ or "").resolve().parents:
            raise ImportError(f"{module.__name__} was imported from elsewhere: compare the schemas of both")
        yield module


def _alone(path: Path) -> ModuleType:
    """A file as a module of its own, even if another one of that name was read."""
    name = f"{path.stem}@{path}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    if name not in sys.modules:
        _search(str(path.parent))
        sys.modules[name] = module = module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


def _search(folder: str) -> None:
    """Modules are looked for there first."""
    if folder not in sys.path:
        sys.path.insert(0, folder)


def _all(module: ModuleType) -> Iterator[Record[Any]]:
    """The states that a module declares itself."""
    for kind in vars(module).values():
        if isinstance(kind, type) and kind.__module__ == module.__name__ and "__vmstate__" in vars(kind):
            yield record_of(kind)


def _class(module: ModuleType, path: str) -> Record[Any]:
    found: Any = module
    for step in path.split("."):
        found = getattr(found, step, None)
    if not isinstance(found, Record) and not (isinstance(found, type) and "__vmstate__" in vars(found)):
        raise Unusable(f"{module.__name__}:{path}: no state is declared there")
    return record_of(found)
