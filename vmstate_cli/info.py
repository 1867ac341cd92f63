"""`vmstate info`: what a stream is, on one screen."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from .options import colouring, examples, reading


def arguments(below: ArgumentParser) -> None:
    """What the command takes."""
    below.add_argument("stream", metavar="STREAM", help="the file, or - for standard input")
    below.add_argument("--format", choices=("text", "json"), default="text", help="a screen to read, or JSON")
    reading(below)
    colouring(below)
    examples(below, "vmstate info guest.qemu.zst", "vmstate info --format json guest.qemu | jq .qemu")


def run(options: Namespace) -> int:
    """Tells of one stream."""
    from .informing import inform

    return inform(options)
