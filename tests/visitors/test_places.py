"""Where a value stands in a document: under whose name, in which entry, at which path."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from tests.visitors.test_formats import FORMS, slow
from tests.vmstate.strategies import Example, examples
from visitors import cddl, json, qemufile, schema, tree
from visitors._outliner import Folding
from vmstate import (
    EncodeError,
    Exchange,
    VMStateError,
    abstract,
    array,
    boolean,
    buffer,
    chain,
    check,
    convert,
    decode,
    encode,
    load,
    local,
    mapping,
    nested,
    nullable,
    record_of,
    save,
    setting,
    state,
    subsection,
    uint8,
    uint16,
    unused,
)
from vmstate.kept import Foreign, keep

PLACED: dict[str, Any] = {"tree": tree, **FORMS}
EVERY = pytest.mark.parametrize("form", PLACED.values(), ids=PLACED)


# -- a member that is not there leaves no name behind

@state("padded")
class Padded:
    low: int = uint8()
    _pad = unused(2)


@state("gated")
class Gated:
    low: int = uint8()
    high: int = uint8(when=lambda self: self.low > 3)


@state("ended")
class Ended:
    low: int = uint8()
    size: int = setting(1, 2)
    _checked = check("nothing")(lambda self: True)


@state("held")
class Held:
    low: int = uint8()
    inner: Padded = nested(Padded)
    _behind = unused(1)


def keyed(key: Any, value: Any) -> Any:
    """A device with one mapping."""
    body = {"__annotations__": {"by": object}, "__module__": __name__, "by": mapping(key, value)}
    return state("keyed")(type("Keyed", (), body))


MAPPINGS: list[tuple[Callable[[], Any], Callable[[], Any], dict[Any, Any]]] = [
    (lambda: nested(Padded), uint8, {Padded(low=1): 2, Padded(low=3): 4}),
    (lambda: nested(Gated), uint8, {Gated(low=1): 2, Gated(low=4, high=5): 6}),
    (lambda: nested(Ended), uint8, {Ended(low=1): 2}),
    (lambda: nested(Held), uint8, {Held(low=1): 2}),
    (lambda: nested(Padded), lambda: nested(Padded), {Padded(low=1): Padded(low=2)}),
    (lambda: nested(Padded), lambda: nullable(uint8()), {Padded(low=1): None, Padded(low=3): 4}),
    (lambda: nested(Padded), lambda: array(uint8(), 2), {Padded(low=1): [2, 3]}),
    (lambda: nested(Padded), lambda: mapping(nested(Padded), uint8()), {Padded(low=1): {Padded(low=2): 3}}),
    (lambda: nullable(uint8(), marked=True), uint8, {None: 2, 3: 4}),
    (lambda: nullable(uint8(), marked=True), lambda: nullable(uint8(), marked=True), {None: 2, 3: None}),
]


@EVERY
@pytest.mark.parametrize(("key", "value", "entries"), MAPPINGS, ids=range(len(MAPPINGS)))
def test_whatever_a_key_ends_with(form: Any, key: Any, value: Any, entries: dict[Any, Any]) -> None:
    kind = keyed(key(), value())
    document = save(kind(by=entries), form)
    assert decode(kind, document, form).state.by == entries
    assert load(kind(), document, form).by == entries
    assert encode(decode(kind, document, form), form) == document


def test_what_entries_look_like() -> None:
    kind = keyed(nested(Padded), nullable(uint8()))
    assert save(kind(by={Padded(low=1): None, Padded(low=3): 4}), tree) == {
        "by": [{"key": {"low": 1}, "value": None}, {"key": {"low": 3}, "value": 4}]}
    kind = keyed(nullable(uint8(), marked=True), uint8())
    assert save(kind(by={None: 1}), tree) == {"by": [{"key": None, "value": 1}]}


# -- settings, by the path that errors have as well

@state("sized")
class Sized:
    size: int = setting(1, 2, 3)
    data: bytearray = buffer("size")


def sized(size: int) -> Sized:
    return Sized(size=size, data=bytearray(size))


@state("nest")
class Nest:
    one: Sized = nested(Sized)
    row: list[Sized] = array(nested(Sized), 2)
    queue: list[Sized] = chain(nested(Sized))
    table: dict[int, Sized] = mapping(uint8(), nested(Sized))
    tables: dict[int, dict[int, Sized]] = mapping(uint8(), mapping(uint8(), nested(Sized)))
    after: Sized = nested(Sized)


NEST = Nest(one=sized(1), row=[sized(2), sized(3)], queue=[sized(3), sized(2)], table={7: sized(3), 5: sized(2)},
            tables={1: {2: sized(1), 3: sized(3)}, 4: {}, 5: {6: sized(2)}}, after=sized(3))
PATHS = {
    "one.size": 1, "row[0].size": 2, "row[1].size": 3, "queue[0].size": 3, "queue[1].size": 2,
    "table[0].value.size": 3, "table[1].value.size": 2, "tables[0].value[0].value.size": 1,
    "tables[0].value[1].value.size": 3, "tables[2].value[0].value.size": 2, "after.size": 3,
}


@EVERY
def test_each_entry_has_settings_of_its_own(form: Any) -> None:
    document = save(NEST, form)
    decoded = decode(Nest, document, form)
    assert decoded.state == NEST
    assert decoded.settings == PATHS
    assert convert(document, Nest, form, qemufile) == save(NEST, qemufile)


def test_settings_look_like_the_paths_of_errors() -> None:
    assert save(NEST, tree)["@settings"] == PATHS


def test_each_setting_is_in_the_schemas() -> None:
    told = abstract(Nest, Folding(lambda outline: outline.settings))
    assert [sum(path == one.path or re.fullmatch(one.pattern, path) is not None for one in told) for path in PATHS] == (
        [1] * len(PATHS))
    assert Draft202012Validator(schema.document(Nest)).is_valid(json.loads(save(NEST, json)))
    assert r'* (text .regexp "tables\\[[0-9]+\\]\\.value\\[[0-9]+\\]\\.value\\.size")' in cddl.text(Nest)


@slow
@given(example=examples())
def test_settings_have_the_paths_of_the_walk(example: Example) -> None:
    read = decode(example.kind, save(example.state, qemufile), qemufile, settings=example.settings)
    assert encode(read, tree).get("@settings", {}) == read.settings


@state("refused")
class Refused:
    table: dict[int, Sized] = mapping(uint8(), nested(Sized))


@EVERY
def test_an_error_has_the_path_of_the_setting(form: Any) -> None:
    document = save(Refused(table={1: Sized(), 2: sized(2)}), form)
    with pytest.raises(VMStateError) as caught:
        decode(Refused, document, form, settings={"table[1].value.size": 3})
    assert caught.value.place == "table[1].value.data"


# -- one name, one value

@state("twice")
class Twice:
    """Its code exchanges two values by one name."""

    a: int = local(1)
    b: int = local(2)
    both: bool = local(True)

    def transfer(self, v: Exchange) -> None:
        self.a = v("n", self.a, uint8())
        self.b = v("n", self.b, uint8(), when=self.both)


@state("twice")
class Kinds:
    """The two are of different types."""

    n: int = uint16()

    def transfer(self, v: Exchange) -> None:
        v("n", 1, uint8())


@state("twice")
class Brackets:
    def transfer(self, v: Exchange) -> None:
        v("n", Padded(), nested(Padded))
        v("n", [1], array(uint8(), 1))


@state("twice")
class Told:
    def transfer(self, v: Exchange) -> None:
        v("n", 1, setting(1, 2))
        v("n", 2, setting(1, 2))


@state("twice")
class Written:
    n: int = uint8()
    m: int = uint8(write_as="n")


@state("twice")
class Named:
    n: int = uint8()

    @subsection("twice/sub")
    def _sub(self) -> bool:
        return True

    def transfer(self, v: Exchange) -> None:
        v("twice/sub", 1, uint8())


@state("outer")
class Outer:
    inner: list[Any] = array(nested(Twice), 1)


@EVERY
@pytest.mark.parametrize(("it", "path"), [
    (Twice(), "n"), (Kinds(), "n"), (Brackets(), "n"), (Told(), "n"), (Written(), "m"), (Named(), ""),
    (Outer(inner=[Twice()]), "inner[0].n"),
])
def test_a_name_is_written_once(form: Any, it: Any, path: str) -> None:
    with pytest.raises(EncodeError, match="is written twice") as caught:
        save(it, form)
    assert caught.value.place == path


@EVERY
def test_of_two_by_one_name_one_may_be_there(form: Any) -> None:
    assert decode(Twice, save(Twice(a=5, both=False), form), form).state.a == 5


@EVERY
def test_an_unknown_attribute_takes_no_members_place(form: Any) -> None:
    it = Padded(low=1)
    keep(it).foreign["padded"] = (Foreign("low", "u8", 2),)
    with pytest.raises(EncodeError, match="low is written twice"):
        save(it, form)


@EVERY
def test_records_of_one_name_share_no_names(form: Any) -> None:
    @state("pair")
    class Pair:
        one: Padded = nested(Padded)
        two: list[Padded] = array(nested(Padded), 2)
        flag: bool = boolean()

    it = Pair(one=Padded(low=1), two=[Padded(low=2), Padded(low=3)], flag=True)
    assert decode(record_of(Pair), save(it, form), form).state == it
