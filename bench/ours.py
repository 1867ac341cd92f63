"""Our side, and the one place that knows how it is called.

`generated` is what a plan compiles; `walked` the walk itself, which the plan has to be equal to.
"""

from __future__ import annotations

from typing import Any

from visitors import ber, cbor, codegen, json, msgpack, qemufile
from vmstate import Record
from vmstate.format import Format, load, save, settle, write
from vmstate.kept import Alone
from vmstate.trial import Trial
from vmstate.walk import Mode, Walk

from .calls import Call, Calls, expect
from .workloads import Item

FORMATS: dict[str, Format[Any]] = {"CBOR": cbor, "msgpack": msgpack, "JSON": json, "BER": ber}


def generated(item: Item) -> Calls:
    """QEMU's stream, by the functions of a plan."""
    plan = codegen.plan(item.record)
    return _calls(item, plan.save, plan.load, plan.load_into, item.body)


def walked(item: Item) -> Calls:
    """QEMU's stream, by the walk."""
    record = item.record

    def load_into(state: Any, data: bytes) -> Any:
        reader = qemufile.reader(data)
        walk = Walk(reader, Mode.LIVE, Trial(None))
        walk.run(record, state)
        reader.finish()
        settle(walk.later, Alone(state))
        return state

    return _calls(item, lambda state: _written(record, state), lambda data: load_into(record.make(), data), load_into,
                  item.body)


def document(name: str, item: Item) -> Calls:
    """A format with names; by the walk, as long as no code is generated for it."""
    form, make = FORMATS[name], item.record.make
    data = save(item.state, form)
    try:
        plan = codegen.plan(item.record, form)
    except LookupError:
        return _calls(item, lambda state: save(state, form), lambda data: load(make(), data, form),
                      lambda state, data: load(state, data, form), data)
    return _calls(item, plan.save, plan.load, plan.load_into, data)


def _written(record: Record[Any], state: Any) -> bytes:
    return write(record, state, qemufile.writer(), None, Mode.LIVE)


def _calls(item: Item, saving: Any, loading: Any, loading_into: Any, data: bytes) -> Calls:
    """Verified against the walk over QEMU's stream: the same state, and so the same bytes of it."""
    expect(saving(item.state) == data, f"{item.label}: other bytes")
    target = item.loaded()
    expect(loading_into(target, data) == item.again, f"{item.label}: another state")
    calls: Calls = {"save": Call(saving, (item.state,)), "load into": Call(loading_into, (target, data))}
    if item.fresh:
        expect(loading(data) == item.new, f"{item.label}: another new state")
        calls["load"] = Call(loading, (data,))
    return calls
