"""Where a record ends whose length nothing tells: how many elements it has, only the sending machine knows.

QEMU migration/savevm.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")
WHOLE_SECTION = b"\4\0\0\0"
"""A section's mark, and the upper bytes of its number; the last one follows, then a name behind its length."""
HEADER = len(WHOLE_SECTION) + 2


def nearest(candidates: Iterable[tuple[T, int]], ahead: memoryview) -> T | None:
    """Of candidates with their sizes in bytes, the one that ends first: before another section, or with the bytes.

    None where several end there.
    """
    ends = [(size, one) for one, size in candidates if size == len(ahead) or _is_section(ahead[size:])]
    first = min((size for size, _ in ends), default=0)
    found = [one for size, one in ends if size == first]
    return found[0] if len(found) == 1 else None


def _is_section(ahead: memoryview) -> bool:
    """Whether these look like the header of a section that is sent whole."""
    if len(ahead) < HEADER or bytes(ahead[:len(WHOLE_SECTION)]) != WHOLE_SECTION:
        return False
    name = bytes(ahead[HEADER:HEADER + ahead[HEADER - 1]])
    return len(name) == ahead[HEADER - 1] > 0 and name.isascii() and name.decode().isprintable()
