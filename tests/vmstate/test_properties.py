"""What holds for every declaration and every state of it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vmstate.exercise import all_tokens, chance, refusal
from tests.vmstate.strategies import Example, examples
from visitors import qemufile, tree
from vmstate import Decoded, convert, decode, encode, load, record_of, save
from vmstate.errors import NeedMore
from vmstate.shape import Bool, Nullable, Padding, Setting, Subsection
from vmstate.trace import Seen, Tracer
from vmstate.trial import Trial
from vmstate.walk import Mode, Walk

slow = settings(suppress_health_check=[
    HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])


def _decode(example: Example, data: Any, form: Any = qemufile) -> Decoded[Any]:
    return decode(example.kind, data, form, settings=example.settings)


def _is_taken(example: Example, data: bytes) -> bool:
    return refusal(example.kind, data, settings=example.settings) is None


@slow
@given(examples())
def test_load_after_save_is_the_identity(example: Example) -> None:
    for form in (qemufile, tree):
        data = save(example.state, form)
        assert _decode(example, data, form).state == example.state
    assert load(example.hollow, save(example.state, qemufile), qemufile, settings=example.settings) == example.state


@slow
@given(examples())
def test_off_line_is_the_identity(example: Example) -> None:
    data = save(example.state, qemufile)
    decoded = _decode(example, data)
    assert encode(decoded, qemufile) == data
    document = encode(decoded, tree)
    assert encode(decode(example.kind, document, tree), qemufile) == data
    assert convert(data, example.kind, qemufile, tree, settings=example.settings) == document
    assert convert(document, example.kind, tree, qemufile) == data


@slow
@given(examples())
def test_tokens_agree(example: Example) -> None:
    data, document = save(example.state, qemufile), save(example.state, tree)
    read = _decode(example, data).state
    walks = all_tokens(example.state, data, document, lambda: example.hollow, read, settings=example.settings)
    assert [name for name, tokens in walks.items() if tokens != walks["save"]] == []


@slow
@given(examples(), st.data())
def test_an_older_version_is_rewritten(example: Example, data: st.DataObject) -> None:
    record = record_of(example.kind)
    version = data.draw(st.integers(record.minimum, record.version))
    written = encode(Decoded(example.state, version, record), qemufile)
    decoded = decode(example.kind, written, qemufile, version=version, settings=example.settings)
    assert encode(decoded, qemufile) == written


@slow
@given(examples(), st.binary(min_size=1, max_size=3))
def test_a_reader_takes_what_was_written_and_no_more(example: Example, more: bytes) -> None:
    data = save(example.state, qemufile)
    if more[0] != qemufile.SUBSECTION:
        assert not _is_taken(example, data + more)
    for n in range(len(data)):
        _is_taken(example, data[:n])


@slow
@given(examples())
def test_more_is_asked_for_until_all_is_there(example: Example) -> None:
    """Fed piece by piece a reader ends where the state does, whatever follows."""
    data, record = save(example.state, qemufile), record_of(example.kind)
    for n in range(len(data)):
        with pytest.raises(NeedMore):
            decode_with(qemufile.Reader(data[:n], whole=False), record, example)
    reader = qemufile.Reader(data + b"\x7e" + bytes(4), whole=False)
    decode_with(reader, record, example)
    assert reader.at == len(data)


def decode_with(reader: Any, record: Any, example: Example) -> None:
    """One walk by this reader."""
    Walk(reader, Mode.WIRE, Trial(example.settings)).run(record, record.make())


def _traced(decoded: Decoded[Any]) -> tuple[bytes, Seen]:
    writer = qemufile.writer()
    tracer = Tracer(writer)
    Walk(tracer, Mode.WIRE).run(decoded.record, decoded.state, decoded.version)
    return writer.result(), tracer.root


def _odd(data: bytes, root: Seen, seed: int) -> bytes:
    """Booleans of 2 to 255, padding that is not zero, versions beyond 255."""
    out, pick = bytearray(data), chance(seed)

    def visit(seen: Seen) -> None:
        for one in seen.inside or ():
            if isinstance(one.node, Bool) and one.value:
                out[one.begin] = pick.randint(1, 255)
            elif isinstance(one.node, Padding):
                out[one.begin:one.end] = pick.randbytes(one.end - one.begin)
            elif isinstance(one.node, Subsection):
                version = one.begin + 2 + len(one.node.name.encode())
                out[version:version + 3] = pick.randbytes(3)
            visit(one)

    visit(root)
    return bytes(out)


def _shuffled(data: bytes, root: Seen, seed: int) -> bytes:
    """The subsections at the end of the outermost record in another order."""
    last = [one for one in root.inside or () if isinstance(one.node, Subsection)]
    if not last:
        return data
    assert last[-1].end == len(data)
    parts = [data[one.begin:one.end] for one in last]
    chance(seed).shuffle(parts)
    return data[:last[0].begin] + b"".join(parts)


@slow
@given(examples(), st.integers(0, 1 << 32))
def test_odd_bytes_are_rewritten(example: Example, seed: int) -> None:
    data, root = _traced(_decode(example, save(example.state, qemufile)))
    odd = _shuffled(_odd(data, root, seed), root, seed)
    decoded = _decode(example, odd)
    assert encode(decoded, qemufile) == odd
    assert save(decoded.state, tree) == save(example.state, tree)  # its values are the same
    document = encode(decoded, tree)
    assert encode(decode(example.kind, document, tree), qemufile) == odd
    assert convert(odd, example.kind, qemufile, tree, settings=example.settings) == document
    assert convert(document, example.kind, tree, qemufile) == odd


@slow
@given(examples(), st.integers(0, 1 << 32))
def test_mutated_bytes(example: Example, seed: int) -> None:
    data, pick = save(example.state, qemufile), chance(seed)
    for _ in range(10):
        mutated = bytearray(data)
        for _ in range(pick.randint(1, 4)):
            at = pick.randrange(len(mutated) + 1)
            match pick.randrange(4):
                case 0 if at < len(mutated):
                    mutated[at] ^= 1 << pick.randrange(8)
                case 1:
                    mutated[at:at + 1] = pick.choice([b"", b"\0", b"\5", b"\x30", b"\xff"])
                case 2:
                    mutated[at:at] = pick.randbytes(pick.randint(1, 4))
                case _:
                    del mutated[at:at + pick.randint(1, 4)]
        _is_taken(example, bytes(mutated))


class Ledger:
    """Stands before a writer of bytes and notes which call wrote which of them."""

    LEAVES = ("integer", "boolean", "floating", "blob", "bitmap", "padding", "descriptor")

    def __init__(self) -> None:
        self.inner = qemufile.writer()
        self.leaves: list[tuple[int, int]] = []
        self.framing: list[tuple[int, int]] = []

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self.inner, name)
        if not callable(asked):
            return asked

        def call(*arguments: Any) -> Any:
            begin = len(self.inner.out)
            answer = asked(*arguments)
            extent = begin, len(self.inner.out)
            null = name == "is_there" and isinstance(arguments[0], Nullable) and not answer
            if name in self.LEAVES or null:
                self.leaves.append(extent)
            elif extent[0] < extent[1]:
                self.framing.append(extent)
            return answer
        return call


def _brackets_hold(seen: Seen) -> None:
    at = seen.begin
    for one in seen.inside or ():
        assert at <= one.begin <= one.end
        at = one.end
        if one.inside is not None:
            _brackets_hold(one)
            assert all(inner.end <= one.end for inner in one.inside)


@slow
@given(examples())
def test_a_trace_has_every_byte_once(example: Example) -> None:
    """Leaf by leaf as they were written; between them is nothing but brackets' own bytes."""
    decoded = _decode(example, save(example.state, qemufile))
    ledger = Ledger()
    tracer = Tracer(ledger)
    Walk(tracer, Mode.WIRE).run(decoded.record, decoded.state, decoded.version)
    leaves = [(one.begin, one.end) for _, one in tracer.root.leaves() if not isinstance(one.node, Setting)]
    assert leaves == ledger.leaves
    covered = sorted((*leaves, *ledger.framing))
    assert [begin for begin, end in covered if begin < end] == [
        0, *(end for begin, end in covered if begin < end)][:-1]
    assert sum(end - begin for begin, end in covered) == len(ledger.inner.out)
    _brackets_hold(tracer.root)
