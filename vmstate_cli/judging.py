"""What jsonschema finds wrong with a state, in this program's words. Nothing else imports that library."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from visitors._types import parted
from vmstate.errors import LimitExceeded, render_path

from .trouble import Unusable

Json = dict[str, Any]

HEXADECIMAL = "[0-9a-f]"
MOST_LETTERS = 60


class Finding(NamedTuple):
    """What is wrong, and where."""

    path: str
    message: str


class Judge:
    """A state is judged by whichever of some schemas suits it best. Raises Unusable where one of them is no schema."""

    def __init__(self, schemas: Sequence[Json]) -> None:
        library, referencing = _library("jsonschema"), _library("referencing")
        self.best: Callable[[Any], Any] = library.exceptions.best_match
        self.unresolvable: type[Exception] = referencing.exceptions.Unresolvable
        strict, nowhere = _strict(library), referencing.Registry()  # which fetches nothing
        self.validators: list[Any] = []
        try:
            for one in schemas:
                validator = library.validators.validator_for(one, strict)
                validator.check_schema(one)
                latest = validator is library.Draft202012Validator
                self.validators.append((strict if latest else validator)(one, registry=nowhere))
        except library.exceptions.SchemaError as error:
            raise Unusable(f"no schema: {error.message}") from None
        except (AttributeError, TypeError):  # its $schema makes no sense, or it is no object
            raise Unusable("no schema") from None

    def findings(self, state: Any) -> list[Finding]:
        """What is wrong with a state; empty if it is an instance of one of the schemas. Raises LimitExceeded."""
        try:
            return min((self._by(validator, state) for validator in self.validators), key=len)
        except RecursionError:
            raise LimitExceeded("the state is nested too deep") from None
        except self.unresolvable as error:
            raise Unusable(f"the schema refers to what is not in it: {error}") from None

    def _by(self, validator: Any, state: Any) -> list[Finding]:
        return list(dict.fromkeys(_finding(self.best([error])) for error in validator.iter_errors(state)))


def _library(name: str) -> Any:
    """One that is imported here alone. Raises Unusable."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise Unusable(f"this needs {name}: pip install jsonschema") from None


def _strict(library: Any) -> Any:
    """The validator of 2020-12, to which 1.0 is no integer, as it is none to the `json` visitor."""
    def is_integer(_: object, one: object) -> bool:
        return type(one) is int

    latest = library.Draft202012Validator
    return library.validators.extend(latest, type_checker=latest.TYPE_CHECKER.redefine("integer", is_integer))


# -- in words

def _finding(error: Any) -> Finding:
    path = tuple(parted(step)[0] if isinstance(step, str) else step for step in error.absolute_path)
    return Finding(render_path(path), WORDS.get(error.validator, _default)(error))


def shown(value: Any) -> str:
    """An offending value as JSON, not too long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}… ({len(text)} characters)"


def _default(error: Any) -> str:
    return str(error.message).replace(repr(error.instance), shown(error.instance))


def _expected(wanted: str, error: Any) -> str:
    return f"expected {wanted}, got {shown(error.instance)}"


def _type(error: Any) -> str:
    wanted = error.validator_value
    return _expected(wanted if isinstance(wanted, str) else " or ".join(wanted), error)


def _bounds(error: Any) -> str:
    least, most = error.schema.get("minimum"), error.schema.get("maximum")
    if least is None or most is None:
        return _expected(f"at most {most}" if least is None else f"at least {least}", error)
    return _expected(f"{least} to {most}", error)


def _constant(error: Any) -> str:
    return _expected(shown(error.validator_value), error)


def _choices(error: Any) -> str:
    return _expected(f"one of {', '.join(map(shown, error.validator_value))}", error)


def _pattern(error: Any) -> str:
    return _expected("bytes as hexadecimal text", error) if HEXADECIMAL in error.validator_value else _default(error)


def _length(error: Any) -> str:
    """Of hexadecimal text, so many bytes."""
    if HEXADECIMAL not in error.schema.get("pattern", ""):
        return _default(error)
    size, odd = divmod(len(error.instance), 2)
    return (f"expected {_many(error, 'minLength', 'maxLength', 2)} bytes, got {size}"
            + (" and a half" if odd else ""))


def _count(error: Any) -> str:
    return f"expected {_many(error, 'minItems', 'maxItems')} elements, got {len(error.instance)}"


def _many(error: Any, least: str, most: str, unit: int = 1) -> str:
    number = error.validator_value // unit
    if error.schema.get(least) == error.schema.get(most):
        return f"{number}"
    return f"{'at least' if error.validator == least else 'at most'} {number}"


def _required(error: Any) -> str:
    return f"missing: {', '.join(key for key in error.validator_value if key not in error.instance)}"


def _closed(error: Any) -> str:
    known = error.schema.get("properties", {})
    others = [key for key in error.instance if key not in known and not key.startswith("?")]
    return f"not declared here, and to be understood: {', '.join(others)}" if others else _default(error)


WORDS: dict[str, Callable[[Any], str]] = {
    "type": _type, "minimum": _bounds, "maximum": _bounds, "minLength": _length, "maxLength": _length,
    "minItems": _count, "maxItems": _count, "required": _required, "additionalProperties": _closed,
    "pattern": _pattern, "enum": _choices, "const": _constant,
}
"""What is said of a word of JSON Schema's that is not kept; of others, what jsonschema says."""
