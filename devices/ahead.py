"""What a stream's bytes tell of settings by the subsections that follow.

A predicate of QEMU's that asks the machine, a property or the CPU model says the same on both ends. No byte carries the
answer, but it shows: the subsection is there.
"""

from collections.abc import Callable, Mapping

MARKER = 0x05
VERSION_SIZE = 4
LOOKED_AT = 1 << 17
"""Bytes in which a subsection is looked for: where nothing bounds the section, the whole stream is ahead."""


def heading(name: str) -> bytes:
    """How a subsection of this name begins; its version of 4 bytes follows."""
    encoded = name.encode()
    return bytes((MARKER, len(encoded))) + encoded


def sent(name: str) -> Callable[[memoryview], bool]:
    """Tells whether a subsection of this name is ahead."""
    begin = heading(name)

    def told(ahead: memoryview) -> bool:
        return begin in bytes(ahead[:LOOKED_AT])

    return told


def sent_of(sizes: Mapping[str, int], name: str) -> Callable[[memoryview], bool]:
    """The same of one among subsections that begin right here, of which it is known how many bytes each has.

    They are in the order in which they are sent, and each may be missing.
    """
    begins = {one: heading(one) for one in sizes}

    def told(ahead: memoryview) -> bool:
        at = 0
        for one, begin in begins.items():
            if bytes(ahead[at:at + len(begin)]) == begin:
                if one == name:
                    return True
                at += len(begin) + VERSION_SIZE + sizes[one]
        return False

    return told
