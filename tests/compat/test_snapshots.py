"""Every rule on every case, as it was last looked at: `python -m tests.compat.snapshots` keeps what is found now."""

import pytest

from tests.compat.cases import NAMES, case
from tests.compat.snapshots import FOLDER, taken
from vmstate.compat.comparing import compare_sides


@pytest.mark.parametrize("name", NAMES)
def test_as_it_was(name: str) -> None:
    assert taken(name) == (FOLDER / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_that_is_expected_is_found(name: str) -> None:
    one = case(name)
    found = {finding.rule for positional, _ in one.families
             for finding in compare_sides(one.old, one.new, positional=positional).findings}
    assert set(one.expected["expect"]["rules"]) <= found


def test_no_others_are_kept() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == NAMES
