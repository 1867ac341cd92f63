"""`vmstate scaffold`: what it writes is taken by all checkers, and reads the sections that it was made of."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import vmstate as facade
from devices.catalogue import registry
from migration.agreement import disagreements
from migration.describing import describe, style_of
from migration.inputs import opened
from migration.replica import Stream
from migration.scaffold.known import Known
from migration.scaffold.sources import scaffold
from migration.sections import Section, _traced
from tests.cli.command import ROOT, Command, recorded, started
from tests.cli.dumps import dump, field, hostile, section
from tests.migration.recorded import CORPUS, stream
from visitors import qemufile
from vmstate.compat.sides import Side
from vmstate.describe import dump_vmstate
from vmstate.describe.vmdesc import Description
from vmstate_cli import main


class Case(NamedTuple):
    """A device of a recorded stream, and the dump that is used beside it."""

    stream: str
    device: str
    dump: str = ""

    @property
    def file(self) -> str:
        """What its module is called."""
        return re.sub(r"\W+", "_", f"{self.stream}_{self.device}{'_both' if self.dump else ''}").lower()


PC_52, PC_72, PC_100 = "5.2-x86_64-microvm", "7.2-x86_64-microvm", "10.0-x86_64-microvm"
ARM_72, ARM_100 = "7.2-aarch64-virt-2.10", "10.0-aarch64-virt-10.0"
CASES = [
    Case("sparc-ss5-72", "slavio_timer"), Case("sparc-ss5-72", "sysbusespscsi"), Case("sparc-ss5-72", "pcnet"),
    Case("sparc-ss5-72", "cpu"), Case("sparc-ss5-72", "escc"), Case("sparc-ss5-72", "cs4231"),
    Case("sparc-ss5-72", "scsi-disk"), Case("tricore-100", "cpu_common"), Case("microblaze-72", "cpu"),
    Case("or1k-sim-100", "or1k_timer"), Case("rv64-virt-72", "riscv_sifive_plic"), Case("rv64-virt-72", "goldfish_rtc"),
    Case("mps2-an385-100", "armv7m_nvic"), Case("mps2-an385-100", "lan9118", ARM_100),
    Case("mps2-an385-100", "cmsdk-apb-uart", ARM_100), Case("mps2-an385-100", "cpu"),
    Case("a64-virt72-gic3-72", "arm_gicv3", ARM_72), Case("a64-virt100-virtio-100", "pl011", ARM_100),
    Case("a64-virt100-virtio-100", "gpex_root", ARM_100), Case("a64-virt100-virtio-100", "slirp"),
    Case("usb-uhci-72", "0000:00:01.2/uhci"), Case("usb-uhci-72", "usb-hub", PC_72), Case("usb-uhci-72", "usb-kbd"),
    Case("pc72-72-default", "0000:00:03.0/e1000", PC_72), Case("pc72-72-default", "vga", PC_72),
    Case("pc72-72-default", "hpet", PC_72), Case("pc72-72-default", "fdc", PC_72), Case("pc72-72-default", "fw_cfg"),
    Case("cpu-qemu32-52", "cpu"), Case("cpu-qemu32-52", "ps2kbd"), Case("cpu-qemu32-52", "i8254", PC_52),
    Case("q100-100-default", "ich9_ahci"),
    Case("q100-100-default", "mc146818rtc", PC_100), Case("virtio-a-modern-72", "virtio-net"),
    Case("vga-cirrus-72", "cirrus_vga", PC_72),
]


def dumped(name: str) -> Path:
    """A dump of the corpus."""
    return CORPUS / "dumps" / f"{name}.json.zst"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The modules of all cases."""
    made = tmp_path_factory.mktemp("scaffolded") / "made"
    made.mkdir()
    (made / "__init__.py").touch()
    for case in CASES:
        dumps = [str(dumped(case.dump))] if case.dump else []
        assert main(["scaffold", str(recorded(case.stream)), *dumps, case.device, "-o",
                     str(made / f"{case.file}.py")]) == 0
    return made


def loaded(path: Path) -> Any:
    """The class that a module declares last."""
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[path.stem] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == path.stem][-1]


@cache
def sections(name: str) -> tuple[list[Section], Description]:
    """What a stream's own description makes of it."""
    read = Stream(stream(name), registry(), choice="embedded")
    found = [one for one in read.events() if isinstance(one, Section)]
    assert read.description is not None
    return found, read.description


def of(case: Case) -> Iterator[Section]:
    """The sections that are meant."""
    return (one for one in sections(case.stream)[0]
            if one.header.name == case.device or one.header.name.endswith("/" + case.device))


# -- what it reads

@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_it_reads_what_it_was_made_of(case: Case, folder: Path) -> None:
    kind = loaded(folder / f"{case.file}.py")
    assert list(of(case))
    for one in of(case):
        found = facade.decode(kind, one.body, qemufile, version=one.header.version)
        again, trace = _traced(found)
        assert again == one.body
        assert one.embedded is not None
        assert disagreements(trace, _traced(one.embedded)[1]) == []


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, without any class that somebody has declared already."""
    made = tmp_path_factory.mktemp("scaffolded") / "alone"
    made.mkdir()
    for case in CASES:
        dump = read_dump(dumped(case.dump)) if case.dump else None
        text = scaffold(case.device, Known(facade.Registry()), sections(case.stream)[0], dump)
        (made / f"{case.file}.py").write_text(text, "utf-8")
    return made


def read_dump(path: Path) -> Side:
    with opened(str(path)) as data:
        return dump_vmstate.parse(data[:], path.name)


DESCRIBED = [case for case in CASES if case.device not in ("0000:00:03.0/e1000", "ich9_ahci")]
"""Not those of which a description tells what no declaration can say: the number of an `unused`, of unlike elements."""


@pytest.mark.parametrize("case", DESCRIBED, ids=lambda case: case.file)
def test_it_describes_as_qemu_does(case: Case, alone: Path) -> None:
    """Names, types and nesting."""
    kind, style = loaded(alone / f"{case.file}.py"), style_of(sections(case.stream)[1])
    for one in of(case):
        found: Any = facade.decode(kind, one.body, qemufile, version=one.header.version)
        assert one.described is not None
        said = [pair for pair in one.described.pairs if pair[0] not in ("name", "instance_id")]
        assert describe(found.record, found.state, found.version, style) == said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_a_guess_says_what_was_seen(case: Case, alone: Path) -> None:
    """Live: predicates of subsections and fields decide what is sent."""
    path = alone / f"{case.file}.py"
    if "NotImplementedError" in path.read_text("utf-8"):
        pytest.skip("what it cannot guess is for its author")
    kind = loaded(path)
    for one in of(case):
        found = facade.decode(kind, one.body, qemufile, version=one.header.version)
        assert one.header.version == found.record.version
        assert facade.save(facade.load(kind(), one.body, qemufile), qemufile) == one.body


# -- what checkers say

def checked(*arguments: str, where: Path = ROOT) -> str:
    """What a checker has to say."""
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout if done.returncode else ""


def ruff(folder: Path) -> str:
    return checked("ruff", "check", "--no-cache", "--config", str(ROOT / "pyproject.toml"), str(folder))


def mypy(folder: Path) -> str:
    return checked("mypy", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache"),
                   str(folder))


def pyright(folder: Path) -> str:
    project = folder.parent / "pyrightconfig.json"
    project.write_text(json.dumps({"include": [folder.name], "extraPaths": [str(ROOT)], "pythonVersion": "3.11",
                                   "typeCheckingMode": "strict"}))
    return checked("pyright", "--pythonpath", sys.executable, "--project", str(project))


CHECKERS = pytest.mark.parametrize("checker", [ruff, mypy, pyright])


@CHECKERS
def test_it_is_clean(checker: Any, folder: Path) -> None:
    assert checker(folder) == ""


@CHECKERS
def test_a_checker_looks_at_it(checker: Any, folder: Path, tmp_path: Path) -> None:
    """The same text with a mistake in it."""
    wrong = tmp_path / "made"
    wrong.mkdir()
    (wrong / "__init__.py").touch()
    text = (folder / "q100_100_default_mc146818rtc_both.py").read_text("utf-8")
    (wrong / "rtc.py").write_text(text.replace("period: int =", "period: str =") + "\n\nimport os\n")
    assert "rtc.py" in checker(wrong)


# -- what it says

def test_the_text(vmstate: Command) -> None:
    assert vmstate("scaffold", recorded("pc72-72-default"), "PIIX3") == (0, """\
\"\"\"TODO: what `PIIX3` is, in a line.

TODO: QEMU's file, and the versions that this was checked against. Made of a stream's description.
TODO: what is not known from there: minimum= and since=, what was not there when it was sent, checks, hooks.
\"\"\"

from devices.pci.device import PciDevice
from vmstate import array, int32, nested, state


@state("PIIX3", version=3)
class Piix3:
    \"\"\"TODO: what it is.\"\"\"

    dev: PciDevice = nested(PciDevice)
    pci_irq_levels_vmstate: list[int] = array(int32(), 4)
""", "")


def test_a_dump_tells_gates(vmstate: Command) -> None:
    both = vmstate("scaffold", recorded("pc72-72-default"), dumped(PC_72), "mc146818rtc").out
    assert '@state("mc146818rtc", version=3, minimum=1)' in both
    assert "    period: int = uint32(since=2)\n" in both
    assert "    offset: int = int64(since=3)\n" in both, "the type is the stream's"
    assert """\
    @subsection("mc146818rtc/irq_reinject_on_ack_count")
    def _sends_irq_reinject_on_ack_count(self) -> bool:
        \"\"\"TODO: when it is sent. A guess: when it holds anything.\"\"\"
        return self.irq_reinject_on_ack_count != 0
""" in both
    alone = vmstate("scaffold", dumped(PC_72), "mc146818rtc").out
    assert "    offset: int = uint64(since=3)\n" in alone, "a dump has no types"
    assert "    cmos_data: bytearray = buffer(128)\n" in alone
    assert "    next_alarm_time: int = uint64(since=3)\n" in alone


def test_what_was_sent_for_no_visible_reason_is_left_open(vmstate: Command) -> None:
    text = vmstate("scaffold", recorded("pc72-72-default"), "e1000").out
    assert """\
        \"\"\"TODO: when it is sent. It was.\"\"\"
        raise NotImplementedError("TODO: when e1000/mit_state is sent")
""" in text


def test_a_condition_says_what_was_seen(vmstate: Command) -> None:
    text = vmstate("scaffold", recorded("pc72-72-default"), dumped(PC_72), "e1000").out
    assert """\
        \"\"\"TODO: when `unused[0]` is there. It was not.\"\"\"
        return False
""" in text
    assert "    _unused = unused(4, when=_has_unused)\n" in text


def test_instances_are_looked_at_together(vmstate: Command) -> None:
    one, all_of = (vmstate("scaffold", recorded("cpu-qemu32-52"), name).out for name in ("i8259@1", "i8259"))
    assert one == all_of


def test_a_record_within(vmstate: Command) -> None:
    text = vmstate("scaffold", recorded("sparc-ss5-72"), "ptimer").out
    assert text.count("@state") == 1
    assert '@state("ptimer", version=1)' in text


def test_standard_input_and_output() -> None:
    done = started("scaffold", "-", "uhci", "-o", "-", data=stream("usb-uhci-72"))
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"class Uhci:" in done.stdout


def test_into_a_file(vmstate: Command, tmp_path: Path) -> None:
    path = tmp_path / "uhci.py"
    assert vmstate("scaffold", recorded("usb-uhci-72"), "uhci", "-o", path) == (0, "", "")
    assert path.read_text("utf-8") == vmstate("scaffold", recorded("usb-uhci-72"), "uhci").out


# -- what a dump may hold

def test_every_kind_of_field(vmstate: Command, tmp_path: Path) -> None:
    inner = section("port", field("bits", 1))["Description"]
    twice = section("gadget/extra", field("extra", 1))["Description"]
    path = dump(tmp_path, "kinds", section(
        "gadget", field("timer", 48), field("class", 2), field("regs", 4, num=3), field("ports", 1, Description=inner),
        field("ring", 0), field("late", 1, since=9), field("odd", 1, field_exists=True), field("unused", 3),
        field("regs", 1), Subsections=[twice, twice]))
    text = vmstate("scaffold", path, "gadget").out
    assert [line.strip() for line in text.splitlines() if " = " in line] == [
        "bits: int = uint8()", "timer_: int | None = timer(name=\"timer\")", 'class_: int = uint16(name="class")',
        'regs: list[int] = array(uint32(), 3, name="regs[0]")', "ports: Port = nested(Port)",
        "ring: bytearray = buffer(0)", "odd: int = uint8(when=_has_odd)", "_unused = unused(3)",
        'regs_1: int = uint8(name="regs[1]")', "extra: int = uint8()"]
    assert '        """TODO: when `odd` is there."""\n        return True\n' in text
    assert "TODO: `ring`: its size, which the dump does not tell." in text
    assert "TODO: `late` is there since version 9, and the version is 1: it is never sent." in text
    assert "TODO: gadget/extra is there twice: which of them is meant." in text


def test_names_are_not_trusted(vmstate: Command, tmp_path: Path) -> None:
    old, _ = hostile(tmp_path)
    name = json.loads(old.read_text("utf-8"))
    (device,) = (key for key in name if "script" in key)
    text = vmstate("scaffold", old, device).out
    made: dict[str, Any] = {"__name__": "made"}
    exec(compile(text, "made", "exec"), made)  # noqa: S102  it is ours, whatever the names in it are
    (kind,) = (one for one in made.values() if isinstance(one, type) and one.__module__ == "made")
    assert facade.record_of(kind).name == device


# -- what is refused

@pytest.mark.parametrize(("arguments", "message"), [
    (("stream", "e100"), "no device e100; there is e1000"),
    (("dump", "e10000"), "no device e10000; there is e1000"),
    (("stream", "dump", "slavio"), "no device slavio; there is slirp"),
    (("stream", "stream", "e1000"), "one stream, one dump, or one of each"),
    (("dump", "dump", "e1000"), "one stream, one dump, or one of each"),
    (("other", "dump", "uart"), "no section uart; there is timer, "),
])
def test_what_is_not_there(arguments: tuple[str, ...], message: str, vmstate: Command) -> None:
    meant = {"stream": recorded("pc72-72-default"), "dump": dumped(PC_72), "other": recorded("sparc-ss5-72")}
    result = vmstate("scaffold", *(meant.get(one, Path(one)) for one in arguments))
    assert (result.code, result.out) == (2, "")
    assert message in result.err


def test_no_description(vmstate: Command) -> None:
    result = vmstate("scaffold", recorded("opt-suppress-vmdesc-72"), "hpet")
    assert result.code == 3
    assert "hpet: the stream has no description of it (--describe-with lends another stream's)" in result.err
    lent = vmstate("scaffold", recorded("opt-suppress-vmdesc-72"), "hpet", "--describe-with", recorded("opt-uuid-72"))
    assert lent == vmstate("scaffold", recorded("opt-uuid-72"), "hpet")


def test_stream_and_dump_of_two_devices(vmstate: Command, tmp_path: Path) -> None:
    path = dump(tmp_path, "other", section("hpet", field("config", 8)))
    result = vmstate("scaffold", recorded("pc72-72-default"), path, "hpet")
    assert (result.code, result.out) == (3, "")
    assert "the dump has no field isr at this place of hpet" in result.err


def test_a_device_that_refuses_to_be_sent(vmstate: Command, tmp_path: Path) -> None:
    path = dump(tmp_path, "none", {"Name": "rock", "version_id": 0, "minimum_version_id": 0, "Description": {
        "name": "rock", "version_id": 0, "minimum_version_id": 0}})
    result = vmstate("scaffold", path, "rock")
    assert (result.code, result.out) == (4, "")
    assert "rock refuses to be sent" in result.err
