"""What a real QEMU does with a stream, beside what was predicted by its own `-dump-vmstate`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from attrs import frozen

from migration.foretelling import Forecast, Story, foretell, story
from migration.replica import Stream
from vmstate import VMStateError
from vmstate.compat.explaining import Explanation, explain
from vmstate.compat.findings import CORRUPTS, LOSSY, OK, Verdict
from vmstate.describe import dump_vmstate
from vmstate.describe.objects import MOST_TEXT

from . import exits
from .check import entry
from .colour import Paint, paint
from .grammar import Options
from .incoming import Answer, dump, load
from .opening import stream_of
from .output import emit
from .printable import printable
from .trouble import Unusable

SECONDS = 30.0
Prediction = Literal["loads", "fails", "unknown"]


@frozen
class Proof:
    """One QEMU's answer, and what was foretold of it; `why` there was nothing to foretell it by."""

    binary: str
    answer: Answer
    forecast: Forecast | None
    why: str = ""

    @property
    def predicted(self) -> Prediction:
        """`corrupts` is a load that goes wrong without QEMU's noticing."""
        if self.forecast is None:
            return "unknown"
        verdict = self.forecast.verdict
        return "fails" if verdict is Verdict.BREAKS else "loads" if verdict in (OK, LOSSY, CORRUPTS) else "unknown"

    @property
    def agrees(self) -> bool:
        """Whether there is an answer, and it is what was foretold, if anything was."""
        return self.answer.outcome != "no answer" and self.predicted in ("unknown", self.answer.outcome)

    @property
    def explained(self) -> list[Explanation]:
        """Why it fails."""
        return explain(self.answer.said) if self.answer.outcome == "fails" else []


def run(options: Options) -> int:
    """Asks each QEMU, and returns the exit code: 1 where one does not answer as was foretold. Raises Unusable."""
    seconds = SECONDS if options.time is None else options.time
    if not 0 < seconds < float("inf"):
        raise Unusable(f"--time={seconds}: a number of seconds, above 0")
    with stream_of(options.stream, options, Stream) as stream:
        if stream.kind != "main stream":
            raise Unusable(f"it is no main stream: {stream.kind}")
        data, sent = stream.data[:], story(stream)
    binaries = [*options.qemu, *(options.matrix or ())]
    proofs = [proved(binary, options.arguments, data, sent, seconds) for binary in binaries]
    if options.format == "json":
        emit(json.dumps({"agrees": all(one.agrees for one in proofs), "qemus": list(map(document, proofs))}, indent=2))
    else:
        painted = paint(options.color)
        shown = table(proofs, painted) if options.matrix is not None else [
            line for one in proofs for line in lines(one, painted)]
        emit("\n".join(shown))
    return exits.FINE if all(one.agrees for one in proofs) else exits.FINDINGS


def proved(binary: str, arguments: list[str], data: bytes, sent: Story, seconds: float) -> Proof:
    """One QEMU's answer beside the prediction. Raises Unusable where it cannot be started."""
    forecast, why = None, "its -dump-vmstate failed"
    if (described := dump(binary, arguments, seconds)) is not None:
        try:
            forecast, why = foretell(sent, dump_vmstate.parse(described[:MOST_TEXT + 1], binary)), ""
        except VMStateError as error:
            why = f"its -dump-vmstate makes no sense: {error}"
    return Proof(binary, load(binary, arguments, data, seconds), forecast, why)


# -- the report

def document(one: Proof) -> dict[str, Any]:
    """As JSON has it."""
    findings = [] if one.forecast is None else [entry(each) for each in one.forecast.findings]
    explained = [{"cause": each.cause, "look": each.look, "section": each.section, "member": each.member,
                  "rules": list(each.rules)} for each in one.explained]
    return {"binary": one.binary, "answer": one.answer.outcome, "said": one.answer.said, "explained": explained,
            "predicted": one.predicted, "why": one.why, "findings": findings, "agrees": one.agrees}


def lines(one: Proof, painted: Paint) -> Iterator[str]:
    """To read: both in a line, what QEMU said and what it means, then what was foretold."""
    agree = painted("good", "agrees") if one.agrees else painted("bad", "differs")
    yield (f"{printable(one.binary)}  {painted('title', one.answer.outcome)}, predicted: {one.predicted}"
           f"{f' ({printable(one.why)})' if one.why else ''}  {agree}")
    for line in one.answer.said.splitlines() if one.answer.outcome != "loads" else ():
        yield f"  {painted('dim', 'it says')}  {printable(line)}"
    for each in one.explained:
        yield f"  {painted('dim', 'cause')}    {printable(each.cause)}"
        yield f"  {painted('dim', 'look at')}  {printable(each.look)}"
    for finding in [] if one.forecast is None else one.forecast.findings:
        if finding.positional.backward > OK:
            yield (f"  {painted('dim', 'foretold')} {finding.rule} {printable(finding.path)}  "
                   f"{finding.positional.backward}: {printable(finding.message)}")


def table(proofs: list[Proof], painted: Paint) -> list[str]:
    """A line for each QEMU."""
    wide = max(6, *(len(printable(one.binary)) for one in proofs))
    shown = [f"{'QEMU':{wide}}  {'predicted':9}  answer"]
    for one in proofs:
        cause = one.explained[0].cause if one.explained else ""
        style = "good" if one.agrees else "bad"
        shown.append(f"{printable(one.binary):{wide}}  {one.predicted:9}  "
                     f"{painted(style, f'{one.answer.outcome:9}')}  {printable(cause)}".rstrip())
    return shown
