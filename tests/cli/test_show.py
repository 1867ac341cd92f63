"""`vmstate show`: the tree."""

import gzip
import lzma
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import GOLDEN, STREAMS, Command, recorded
from tests.migration.made import EOF, HEADER, full
from tests.migration.recorded import NAMES, stream

GOLDEN_RUNS = {
    "none-72": ("none-72.qemu.zst",),
    "none-72-hex": ("none-72.qemu.zst", "--hex"),
    "tricore-100-offsets": ("tricore-100.qemu.zst", "--offsets", "--source", "embedded"),
    "pc72-some": ("pc72-72-nodefaults.qemu.zst", "PCIBUS", "fw_cfg", "PIIX3", "hpet", "globalstate"),
}
"""`tests/cli/golden/NAME.txt` holds what `vmstate show` prints in the folder of the streams, with these arguments."""


@pytest.mark.parametrize("name", GOLDEN_RUNS)
def test_golden(name: str, vmstate: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(STREAMS)
    result = vmstate("show", *GOLDEN_RUNS[name])
    assert (result.code, result.err) == (0, "")
    assert result.out == (GOLDEN / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("options", [(), ("--all",), ("--hex",), ("--offsets",), ("--hex", "--offsets", "--all")])
@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_stream(name: str, options: tuple[str, ...], vmstate: Command) -> None:
    result = vmstate("show", recorded(name), *options)
    assert (result.code, result.err) == (0, "")
    assert all(line.isprintable() for line in result.out.splitlines())
    assert result.out.count("  declared") + result.out.count("  embedded") > 2


def test_equal_rows_are_folded(vmstate: Command) -> None:
    folded = vmstate("show", recorded("virtio-a-modern-72"), "virtio-net").out
    assert re.search(r"\[1\.\.1023\] +as \[0\]", folded)
    every = vmstate("show", recorded("virtio-a-modern-72"), "virtio-net", "--all").out
    assert "as [0]" not in every
    assert every.count("\n") > 2048 > folded.count("\n")


def test_offsets(vmstate: Command) -> None:
    data = stream("pc72-72-nodefaults")
    lines = vmstate("show", recorded("pc72-72-nodefaults"), "fw_cfg", "--offsets").out.splitlines()
    (line,) = [line for line in lines if "table_mr_size" in line]
    offset, size = int(line.split()[0], 16), int(line.split()[1])
    assert int.from_bytes(data[offset:offset + size], "big") == int(line.split()[-1]) == 131072


def test_the_bytes_beside_are_those_of_the_stream(vmstate: Command) -> None:
    data = stream("pc72-72-nodefaults")
    lines = vmstate("show", recorded("pc72-72-nodefaults"), "--hex").out.splitlines()
    rows = [line for line in lines if re.match(r"0x[0-9a-f]{8}  [0-9a-f]{2} ", line)]
    assert len(rows) > 400
    for line in rows:
        offset, shown = int(line[:10], 16), bytes.fromhex(line[12:59])
        assert shown == data[offset:offset + len(shown)]
        assert line[61:77].ljust(16) == "".join(chr(one) if 32 <= one < 127 else "." for one in shown).ljust(16)


def test_some_devices(vmstate: Command) -> None:
    out = vmstate("show", recorded("smp2-72"), "cpu@1", "ICH9LPC").out
    heads = [line for line in out.splitlines() if line and line[0] not in "├└│ "]
    assert [line.split("  ")[:2] for line in heads] == [
        ["cpu", heads[0].split("  ")[1]], ["0000:00:1f.0/ICH9LPC", heads[1].split("  ")[1]]]
    assert heads[0].startswith("cpu  instance 1, ")


@pytest.mark.parametrize(
    ("device", "text"),
    [
        ("nobody", "no section nobody; there is ram, timer, "),
        ("cpu@7", "no section cpu@7; there is cpu_common, cpu, cpu_common@1, cpu@1"),
        ("cpu#2", "no section cpu#2; there is "),
        ("", "no section ; there is "),
    ],
)
def test_no_such_device(device: str, text: str, vmstate: Command) -> None:
    result = vmstate("show", recorded("smp2-72"), "cpu", device)
    assert result.code == 2
    assert result.out == ""
    assert text in result.err
    assert result.err.count("\n") == 1


def test_an_ambiguous_device(vmstate: Command, made: Callable[[bytes], Path]) -> None:
    sections = full(3, "a/port92", b"\1"), full(4, "b/port92", b"\2"), full(5, "b/port92", b"\3")
    path = made(HEADER + b"".join(sections) + EOF)
    result = vmstate("show", path, "port92")
    assert (result.code, result.out) == (2, "")
    assert result.err == f"vmstate: {path}: port92 may be any of a/port92, b/port92#1, b/port92#2\n"
    assert vmstate("show", path, "b/port92").out.count("outport") == 2
    assert "outport  3" in vmstate("show", path, "b/port92#2").out
    assert vmstate("show", path, "b/port92@1").code == 2


def test_settings_and_target(vmstate: Command) -> None:
    path = recorded("pc72-72-nodefaults")
    wrong = vmstate("show", path, "cpu", "--setting", "cpu::long_bits=32")
    assert wrong.code == 1
    assert "cpu: the declaration does not fit: " in wrong.err
    right = vmstate("show", path, "cpu", "--setting=cpu::long_bits=0x40", "--target", "x86_64")
    assert (right.code, right.err) == (0, "")
    assert "long_bits=64" in right.out
    assert vmstate("show", recorded("opt-no-config-72"), "cpu", "--target", "x86_64").out.count("declared") == 1


def test_colours(vmstate: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    path = recorded("none-72")
    plain = vmstate("show", path).out
    assert "\x1b" not in plain
    coloured = vmstate("show", path, "--color", "always").out
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    monkeypatch.setattr("vmstate_cli.colour.is_terminal", lambda _stream: True)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" in vmstate("show", path).out
    assert "\x1b" not in vmstate("show", path, "--color", "never").out
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in vmstate("show", path).out
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in vmstate("show", path).out


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
def test_compressed_and_plain(suffix: str, vmstate: Command, tmp_path: Path) -> None:
    packs: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}
    path = tmp_path / f"made{suffix}"
    path.write_bytes(packs[suffix](stream("none-72")))
    shutil.copy(recorded("none-72"), tmp_path / "zst")
    first = vmstate("show", path).out.splitlines()[1:]
    assert first == vmstate("show", tmp_path / "zst").out.splitlines()[1:]
