"""`vmstate show`: a stream's state."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from .options import colouring, examples, reading


def arguments(below: ArgumentParser) -> None:
    """What the command takes."""
    below.add_argument("stream", metavar="STREAM", help="the file, or - for standard input")
    below.add_argument(
        "devices", metavar="DEVICE", nargs="*",
        help="show these sections alone: a name or its end behind a slash, as NAME@instance or NAME#nth where it "
             "is there several times (#1 is the first)")
    below.add_argument("--format", choices=("tree", "json", "ndjson"), default="tree",
                       help="a tree to read; one JSON document; or a JSON line for the stream, then one per section")
    below.add_argument("--all", action="store_true", help="every row: nothing folded, no bytes left out, padding too")
    below.add_argument("--offsets", action="store_true", help="offset in the stream and size before each row")
    below.add_argument("--hex", action="store_true", help="the bytes beside the tree")
    reading(below)
    colouring(below)
    examples(
        below,
        "vmstate show guest.qemu.zst              the whole stream",
        "vmstate show guest.qemu.zst cpu@1        the second processor",
        "vmstate show guest.qemu virtio-net --hex its bytes beside it",
        "vmstate show - --format json < guest.qemu | jq '.sections[].name'")


def run(options: Namespace) -> int:
    """Shows one stream."""
    from .showing import show

    return show(options)
