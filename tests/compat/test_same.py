"""What is compared with itself does not differ."""

from pathlib import Path

import pytest

from tests.cli.command import recorded
from tests.migration.recorded import CORPUS, NAMES
from vmstate.compat.comparing import compare_sides
from vmstate_cli.sides import side

ROOT = CORPUS.parents[1]
SIDES = [*(str(recorded(name)) for name in NAMES), *map(str, sorted((CORPUS / "dumps").glob("*.zst"))),
         str(ROOT / "schema_out"), "devices"]


@pytest.mark.parametrize("argument", SIDES, ids=[Path(one).name for one in SIDES])
def test_nothing_is_found(argument: str) -> None:
    old, new = side(argument), side(argument)
    for positional in (True, False):
        assert compare_sides(old, new, positional=positional).findings == ()


def test_declarations_and_their_schemas_are_the_same() -> None:
    assert compare_sides(side("devices"), side(str(ROOT / "schema_out"))).findings == ()
