"""What the tests of the model have in common: one walk with its tokens, by format and mode."""

import random
from collections.abc import Mapping
from typing import Any

from visitors import qemufile, tree
from visitors.tokens import Recorder, Token
from vmstate import Record, VMStateError, decode, encode, record_of
from vmstate.trial import Trial
from vmstate.walk import Mode, Walk


def chance(seed: object) -> random.Random:
    """A source of choices that are the same on every run."""
    return random.Random(str(seed))  # noqa: S311 - nothing of it is a secret


def refusal(
    kind: Any, data: bytes, version: int | None = None, settings: Mapping[str, Any] | None = None
) -> VMStateError | None:
    """Why these bytes are not taken, with an offset inside them; None if they are, and are written as they were."""
    try:
        decoded = decode(kind, data, qemufile, version=version, settings=settings)
    except VMStateError as caught:
        error = caught
    else:
        assert encode(decoded, qemufile) == data
        return None
    assert error.offset is not None, error
    assert 0 <= error.offset <= len(data), error
    return error


def tokens(visitor: Any, state: Any, mode: Mode, version: int | None = None, settings: Any = None) -> list[Token]:
    """What one walk told the visitor, and what it answered."""
    recorder = Recorder(visitor)
    record = record_of(type(state))
    Walk(recorder, mode, Trial(settings)).run(record, state, version)
    return recorder.tokens


def all_tokens(
    state: Any, data: bytes, document: Any, onto: Any, read: Any, version: int | None = None, settings: Any = None,
) -> dict[str, list[Token]]:
    """The tokens of six walks over the same values: saving and loading, live and off line, two formats.

    `onto` makes what a live load fills; `read` is the state as decoded.
    """
    record: Record[Any] = record_of(type(state))
    return {
        "save": tokens(qemufile.writer(), state, Mode.LIVE, version),
        "load": tokens(qemufile.reader(data), onto(), Mode.LIVE, version, settings),
        "decode": tokens(qemufile.reader(data), record.make(), Mode.WIRE, version, settings),
        "encode": tokens(qemufile.writer(), read, Mode.WIRE, version),
        "to a tree": tokens(tree.writer(), read, Mode.WIRE, version),
        "from a tree": tokens(tree.reader(document), record.make(), Mode.WIRE, version),
    }
