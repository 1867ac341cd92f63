"""What each command imports: what it needs, and nothing besides. It is most of the time that a small stream takes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import ROOT
from tests.migration.recorded import stream

CODE = """
import sys
import vmstate_cli
try:
    vmstate_cli.main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""
PACKAGES = "vmstate", "visitors", "devices", "migration", "vmstate_cli"

COMMAND_LINE = {"vmstate_cli", *(f"vmstate_cli.{one}" for one in (
    "exits", "grammar", "options", "output", "printable"))}
MODEL = {"vmstate", "vmstate.describe", "vmstate.describe.vmdesc", *(f"vmstate.{one}" for one in (
    "classes", "combinators", "declare", "errors", "exchange", "exchanges", "facts", "fields", "format", "kept",
    "machine_types", "marks", "meaning", "nodes", "registry", "rows", "shape", "spec", "trial", "values", "visitor",
    "walk"))}
STREAMS = {"visitors", "visitors._bytes", "visitors.qemufile", "migration", *(f"migration.{one}" for one in (
    "attempts", "descriptions", "documents", "inputs", "kinds", "ram", "ram.items", "ram.mapped", "ram.runs",
    "replica", "sections", "stream", "stream.bounds", "stream.configuration", "stream.ends", "stream.events",
    "stream.machine", "stream.pages", "stream.reader", "stream.trailer"))}
DEVICES = {"devices", "devices.ahead", "devices.catalogue", "devices.misc", "devices.misc.globalstate", "devices.net",
           "devices.net.slirp", "devices.timer", "devices.timer.timers"}
"""Those of `none-72`."""
READING = {*COMMAND_LINE, *MODEL, *STREAMS, *DEVICES,
           *(f"vmstate_cli.{one}" for one in ("opening", "progress", "trouble"))}
ROWS = {"vmstate.trace", "vmstate_cli.colour", "vmstate_cli.commands", "vmstate_cli.leaves", "vmstate_cli.memory",
        "vmstate_cli.rows"}

NEEDED: dict[str, set[str]] = {
    "--help": COMMAND_LINE | {"vmstate_cli.usage"},
    "info": READING | ROWS | {"vmstate_cli.generation", "vmstate_cli.info", "vmstate_cli.meant", "vmstate_cli.show"},
    "show": READING | ROWS | {
        "vmstate.meanings", "vmstate_cli.layout", "vmstate_cli.meant", "vmstate_cli.show", "vmstate_cli.tree"},
    "show --format json": READING | {"vmstate.meanings"} | {f"vmstate_cli.{one}" for one in (
        "documents", "meant", "memory", "pretty", "show", "state")},
    "verify": READING | {
        "migration.agreement", "migration.describing", "migration.stream.writer", "visitors._listing",
        "visitors.vmdesc", "vmstate.describe.bags", "vmstate.describe.records", "vmstate.describe.slots",
        "vmstate.trace", "vmstate_cli.colour", "vmstate_cli.verify"},
}
SLOW = {"ast", "asyncio", "attr", "attrs", "dataclasses", "hashlib", "importlib.metadata", "inspect", "lzma", "pathlib",
        "random", "rich", "subprocess", "tempfile", "zlib", "zstandard"}
"""What takes long to start, and none of these has a use for."""


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A small stream, not compressed."""
    path = tmp_path / "stream"
    path.write_bytes(stream("none-72"))
    return path


@pytest.mark.parametrize("command", NEEDED)
def test_what_is_imported(command: str, plain: Path) -> None:
    arguments = [*command.split(), *([] if command == "--help" else [str(plain)])]
    command_line = [sys.executable, "-c", CODE, *arguments]
    told = subprocess.run(command_line, capture_output=True, text=True, cwd=ROOT, check=True).stderr
    imported = set(told.split())
    assert {one for one in imported if one.split(".")[0] in PACKAGES} == NEEDED[command]
    assert imported & SLOW == set()
    assert ("argparse" in imported) is (command == "--help")
