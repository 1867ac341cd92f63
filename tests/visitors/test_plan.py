"""Plans: what generated code leaves to the walk is told, and is no more than this."""

import pytest

from tests.visitors.judged import DEVICES
from visitors.codegen import What, plan

A_MAPPING, A_LENGTH = "a mapping", "a bitmap whose length the state tells"
WALKED = {
    ("sd-card", "wp_group_bmap"): A_LENGTH,
    ("virtio-iommu", "iommu.domains"): A_MAPPING,
    ("virtio-mem", "mem.plugged"): A_LENGTH,
    ("virtio-mem-device-early", "plugged"): A_LENGTH,
}
"""By record and member."""


@pytest.mark.parametrize("what", ["save", "load", "load-into", "encode", "decode"])
def test_what_is_left_to_the_walk(what: What) -> None:
    found = {(record.name, step.path): step.why
             for record in DEVICES.values() for step in plan(record).steps(what) if step.how == "walked"}
    assert found.items() <= WALKED.items()


@pytest.mark.parametrize("name", DEVICES)
def test_it_has_every_member(name: str) -> None:
    """What is saved is loaded, under the same names."""
    code = plan(DEVICES[name])
    saved, loaded = ({step.path for step in code.steps(what)} for what in ("encode", "decode"))
    assert saved == loaded


def test_its_source_is_found() -> None:
    """By whoever looks at a traceback."""
    import linecache

    record = DEVICES["hpet: Hpet"]
    function = plan(record).load
    assert linecache.getlines(function.__code__.co_filename) == plan(record).source("load").splitlines(keepends=True)
