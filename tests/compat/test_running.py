"""Verdicts against what really happens: states are drawn of one side, written, and read by the other.

What is said of a pair has to hold for every state: `ok` never fails and loses nothing, `breaks` never loads and neither
does `corrupts` load right. Of `conditional` and `unknown` each state may be either.
"""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.compat.cases import NAMES, Case, case
from tests.compat.loose import TRUTHS, loose
from tests.compat.planting import Planted, planted
from tests.compat.sites import predicates
from tests.visitors.judged import DEVICES
from tests.visitors.judged import Planted as OfAllKinds
from tests.vmstate.exercise import chance
from tests.vmstate.strategies import Example, examples
from visitors import ber, cbor, qemufile
from vmstate import Record, VMStateError, record_of
from vmstate.compat.comparing import Facts, compare_sides
from vmstate.compat.findings import BREAKS, CORRUPTS, DIRECTIONS, LOSSY, OK, Report, Verdict
from vmstate.compat.renames import called
from vmstate.compat.running import Fate, Run, run
from vmstate.compat.scope import carried_versions
from vmstate.compat.sections import meet
from vmstate.compat.sides import side_of

DRAWS = 4
"""States of each pair, direction and format: with all predicates true, with none, then any."""
ALLOWED: dict[Verdict, set[Fate]] = {
    OK: {Fate.READ}, LOSSY: {Fate.READ, Fate.LOSSY}, CORRUPTS: {Fate.MISREAD, Fate.REFUSED},
    BREAKS: {Fate.MISREAD, Fate.REFUSED},
}
"""What may become of a state. A verdict of bytes that go by their place is about how many there are: where lengths are
among what is taken wrong, others may make up for it, and wrong values may be refused.
"""
SLOW = "block: ", "spapr/htab: HtabPart", "e1000e", "virtio", "vhost"
"""How those devices are called of whose states few would be looked at."""
UNSEEN = {"VM507"}
"""What no walk can see: another meaning."""
FORMATS: dict[bool, tuple[Any, ...]] = {True: (qemufile,), False: (cbor, ber)}


def truths(writer: Record[Any], reader: Record[Any], pick: Random) -> Iterator[None]:
    """Says what predicates say, as often as states are drawn."""
    names = predicates(writer, reader)
    known = {gate.partition(": ")[2]: truth for gate, truth in carried_versions(writer, reader).items()}
    for n in range(DRAWS):
        TRUTHS.clear()
        TRUTHS.update({name: n == 0 if n < 2 else pick.random() < 0.5 for name in names} | known)
        yield


def contradicted(verdict: Verdict, ran: list[Run]) -> str:
    """What happened against a verdict; nothing if all is as it says."""
    wrong = [one for one in ran if one.fate not in ALLOWED.get(verdict, set(Fate))]
    if not wrong:
        return ""
    first = wrong[0]
    return f"{verdict}, but {Counter(one.fate.name for one in ran)}: {first.error or first.wrong}"


def ran(writer: Record[Any], reader: Record[Any], form: Any, pick: Random, places: Any) -> list[Run]:
    """Several states, as far as they can be drawn."""
    found = list[Run]()
    for _ in truths(writer, reader, pick):
        try:
            found.append(run(writer, reader, form, pick, places))
        except VMStateError:
            continue
    return found


# -- the cases

@pytest.mark.parametrize("name", NAMES)
def test_of_the_cases(name: str) -> None:
    one = case(name)
    for positional, expected in one.families:
        report = compare_sides(one.old, one.new, positional=positional)
        assert (str(report.verdict.backward), str(report.verdict.forward)) == expected
        assert not [wrong for both in sections(one) for wrong in against(report, *both, name)]


def sections(one: Case) -> Iterator[tuple[Record[Any], Record[Any]]]:
    """The records of sections that both sides have, with the facts that one of them lacks."""
    for met in meet(one.old, one.new):
        if met.old is not None and met.new is not None and met.old.record is not None and met.new.record is not None:
            old, new, _ = Facts(one.old, one.new).taken(met.old.record, met.new.record)
            yield loose(old), loose(new)


def against(report: Report, old: Record[Any], new: Record[Any], seed: object, places: Any = None) -> list[str]:
    """What speaks against what is found, format by format."""
    verdict = evolve(report, findings=tuple(one for one in report.findings if one.rule not in UNSEEN)).verdict
    pick, wrong = chance(seed), list[str]()
    for form in FORMATS[report.positional]:
        for direction, writer, reader, place in zip(
                DIRECTIONS, (old, new), (new, old), places or called(old, new), strict=True):
            found = ran(writer, reader, form, pick, place)
            if why := contradicted(verdict[direction], found):
                wrong.append(f"{form.__name__} {direction}: {why}")
    return wrong


# -- planted changes

KINDS = {**{name: record for name, record in DEVICES.items() if not name.startswith(SLOW)},
         "of all kinds": record_of(OfAllKinds)}


few = settings(phases=[Phase.explicit, Phase.generate], max_examples=max(1, settings.default.max_examples // 5),
               suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SEEDS = st.integers(0, (1 << 32) - 1)


@few
@given(seed=SEEDS, times=st.integers(1, 3))
def test_of_devices_that_are_changed(seed: int, times: int) -> None:
    pick = chance(seed)
    name = pick.choice((*KINDS, *["of all kinds"] * (len(KINDS) // 4)))
    holds(planted(KINDS[name], pick, times), seed)


@few
@given(example=examples(), seed=SEEDS, times=st.integers(1, 3))
def test_of_any_declaration_that_is_changed(example: Example, seed: int, times: int) -> None:
    holds(planted(example.kind, chance(seed), times), seed)


def holds(one: Planted, seed: int) -> None:
    """Nothing speaks against what is said of two records."""
    for positional in (True, False):
        report = compare_sides(side_of("old", [one.old]), side_of("new", [one.new]), positional=positional)
        wrong = against(report, one.old, one.new, seed, (one.before, one.after))
        assert not wrong, "\n".join((*one.what, *wrong, *map(str, report.findings)))
