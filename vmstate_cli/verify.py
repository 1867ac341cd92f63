"""`vmstate verify`: streams read and written again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from .options import colouring, examples, reading


def arguments(below: ArgumentParser) -> None:
    """What the command takes."""
    below.add_argument("streams", metavar="STREAM", nargs="+", help="the files, or - for standard input")
    below.add_argument("--format", choices=("text", "json"), default="text", help="a line per stream, or JSON")
    reading(below)
    colouring(below)
    examples(below, "vmstate verify *.qemu.zst", "vmstate verify --format json guest.qemu | jq '.streams[].ok'")


def run(options: Namespace) -> int:
    """Verifies each stream."""
    from .verifying import verify_all

    return verify_all(options)
