"""Models and lists of VFIO migration parameters as JSON and as command lines.

A model: `{"model": NAME, "parameters": {PARAMETER: {"off_value": …, "init_value": …, "allowed_values": […],
"description": …}}}`, where `init_values` may say several. A list: `{"model": NAME, "parameters": {PARAMETER: VALUE}}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any, TypeVar, cast

from ..errors import DecodeError, Key, Mismatch
from .allowed import KINDS, NUMERALS, RANGE, Scalar, bounds, same, spelled
from .parameters import Model, Parameter, ParameterList

T = TypeVar("T")

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
PREFIX = "--m-"
MOST_BYTES, MOST_DEEP = 1 << 24, 64
ATTRIBUTES = {"off_value", "init_value", "init_values", "allowed_values", "description"}


class BadDocument(DecodeError):
    """Every mistake of one document, each with its path."""

    def __init__(self, mistakes: Sequence[DecodeError]) -> None:
        super().__init__("; ".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


def model_from(text: str | bytes) -> Model:
    """A model out of its JSON. Raises BadDocument."""
    reading = Reading()
    name, parameters = reading.document(text)
    made = tuple(reading.parameter(key, value) for key, value in parameters)
    return reading.over(Model(name, made))


def list_from(text: str | bytes) -> ParameterList:
    """A list out of its JSON. Raises BadDocument."""
    reading = Reading()
    name, parameters = reading.document(text)
    listed = {key: reading.scalar(value, "parameters", key) for key, value in parameters}
    return reading.over(ParameterList(name, listed))


def model_text(model: Model) -> str:
    """The JSON of a model."""
    return _text(model.name, {one.name: {
        "off_value": one.off_value,
        **({"init_values": one.init_values} if len(one.init_values) > 1 else {"init_value": one.init_values[0]}
           if one.init_values else {}),
        **({} if one.allowed_values is None else {"allowed_values": one.allowed_values}),
        **({"description": one.description} if one.description else {}),
    } for one in model.parameters})


def list_text(listed: ParameterList) -> str:
    """The JSON of a list."""
    return _text(listed.model, dict(listed.values))


def _text(name: str, parameters: dict[str, Any]) -> str:
    return json.dumps({"model": name, "parameters": parameters}, indent=2) + "\n"


# -- JSON, which may be anything

class Pairs(list[tuple[str, Any]]):
    """An object as its pairs, so that a name that is there twice is seen."""


class Reading:
    """One document; mistakes are collected, and what is mistaken is taken for something harmless."""

    def __init__(self) -> None:
        self.mistakes: list[DecodeError] = []

    def wrong(self, expected: str, actual: object, *path: Key) -> None:
        self.mistakes.append(Mismatch(path=path, expected=expected, actual=_shown(actual)))

    def over(self, made: T) -> T:
        """What was made, if nothing was wrong."""
        if self.mistakes:
            raise BadDocument(self.mistakes)
        return made

    def document(self, text: str | bytes) -> tuple[str, list[tuple[str, Any]]]:
        """The model's name, and what stands under `parameters`."""
        if len(text) > MOST_BYTES:
            raise BadDocument([DecodeError(f"more than {MOST_BYTES} bytes")])
        try:
            whole = json.loads(text, object_pairs_hook=Pairs, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise BadDocument([DecodeError(f"no JSON: {error}", offset=getattr(error, "pos", None))]) from None
        found = self.members(whole, {"model", "parameters"})
        if not isinstance(name := found.get("model"), str) or not name:
            self.wrong("a name", name, "model")
            name = ""
        parameters = self.members(found.get("parameters", Pairs()), None, "parameters")
        for key in parameters:
            if not NAME.fullmatch(key):
                self.wrong("letters, digits, and _ . - between them", key, "parameters", key)
        return name, list(parameters.items())

    def members(self, value: Any, known: set[str] | None, *path: Key) -> dict[str, Any]:
        """An object's members."""
        if not isinstance(value, Pairs):
            self.wrong("an object", value, *path)
            return {}
        made: dict[str, Any] = {}
        for key, one in value:
            if key in made:
                self.wrong("a name once", key, *path, key)
            if known is not None and key not in known:
                self.wrong(f"one of {', '.join(sorted(known))}", key, *path, key)
            made[key] = one
        return made

    def parameter(self, name: str, value: Any) -> Parameter:
        """One parameter of a model."""
        path = "parameters", name
        found = self.members(value, ATTRIBUTES, *path)
        for missing in {"off_value"} - set(found):
            self.wrong("a value", None, *path, missing)
        if "init_value" in found and "init_values" in found:
            self.wrong("init_value or init_values", "both", *path)
        initial = [found["init_value"]] if "init_value" in found else found.get("init_values", [])
        allowed = self.scalars(found["allowed_values"], *path, "allowed_values") if "allowed_values" in found else None
        for index, one in enumerate(allowed or ()):
            self.ordered(one, *path, "allowed_values", index)
        if not isinstance(text := found.get("description", ""), str):
            self.wrong("a text", text, *path, "description")
        return Parameter(name, self.scalar(found.get("off_value"), *path, "off_value"),
                         self.scalars(initial, *path, "init_values"), allowed, str(text))

    def scalars(self, value: object, *path: Key) -> tuple[Scalar, ...]:
        """An array of scalars."""
        if not isinstance(value, list) or isinstance(value, Pairs):
            self.wrong("an array", value, *path)
            return ()
        return tuple(self.scalar(one, *path, index) for index, one in enumerate(cast("list[object]", value)))

    def scalar(self, value: object, *path: Key) -> Scalar:
        """A text, a number, true, false, null."""
        if not is_scalar(value):
            self.wrong("a scalar", value, *path)
            return None
        return cast(Scalar, value)

    def ordered(self, value: Scalar, *path: Key) -> None:
        """A range goes from its smaller number to its larger one."""
        if isinstance(value, str) and RANGE.fullmatch(value):
            between = bounds(value)
            if between is None or between[0] > between[1]:
                self.wrong(f"<min>-<max>, of at most {NUMERALS} digits", value, *path)


def is_scalar(value: object) -> bool:
    """A text, true, false, null, or a number of reasonable size."""
    if isinstance(value, float):
        return isfinite(value)
    return type(value) in KINDS and not (isinstance(value, int) and abs(value) >= 10 ** NUMERALS)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _shown(value: object) -> str:
    text = "an object" if isinstance(value, Pairs) else repr(value)
    return text if len(text) <= 100 else text[:100] + "…"


# -- command lines

def arguments(model: Model, chosen: Iterable[tuple[str, Scalar]], *, joined: bool = True) -> list[str]:
    """What a device's program is called with: `--m-NAME=VALUE`, or NAME and VALUE as two.

    Raises UnknownMember and Mismatch: a value that is not allowed has no spelling that is read back as it.
    """
    made: list[str] = []
    for name, value in chosen:
        text = as_argument(model.taking(name, value), value)
        made += [f"{PREFIX}{name}={text}"] if joined or text.startswith("--") else [f"{PREFIX}{name}", text]
    return made


def from_arguments(model: Model, given: Sequence[str]) -> tuple[ParameterList, list[str]]:
    """What a device's program was called with, and the arguments that are no parameters. See `check` for the values.

    Raises UnknownMember and DecodeError: an unknown parameter, one that is there twice, one without a value.
    """
    found, rest, left = dict[str, Scalar](), list[str](), list(reversed(given))
    while left:
        if not (argument := left.pop()).startswith(PREFIX):
            rest.append(argument)
            if argument == "--":
                return ParameterList(model.name, found), [*rest, *reversed(left)]
            continue
        name, joined, text = argument.removeprefix(PREFIX).partition("=")
        parameter = model.named(name)
        if not joined and (not left or left[-1].startswith("--")):
            raise DecodeError(f"{PREFIX}{name} has no value", path=(name,), section=model.name)
        if name in found:
            raise DecodeError(f"{PREFIX}{name} is there twice", path=(name,), section=model.name)
        found[name] = of_argument(parameter, text if joined else left.pop())
    return ParameterList(model.name, found), rest


def of_argument(parameter: Parameter, text: str) -> Scalar:
    """An argument's value: as JSON has it if that is allowed, else the text itself; a text in quotes is always JSON."""
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, str):
        return value
    if not is_scalar(value):
        return text
    wanted = value in parameter.allowed or (text not in parameter.allowed and not isinstance(parameter.off_value, str))
    return cast(Scalar, value) if wanted else text


def as_argument(parameter: Parameter, value: Scalar) -> str:
    """The argument that is read back as this allowed value."""
    if isinstance(value, str) and value.isprintable() and same(of_argument(parameter, value), value):
        return value
    return spelled(value)
