"""Pages in a row, recognised many at once: their headers count up by a page, and stand at one distance from each other.

A look at each header in Python takes as long as the kernel takes to bring three pages.
"""

from __future__ import annotations

from struct import error, pack

HEADER = 8
FIRST, FACTOR, MOST = 8, 8, 4096
"""Pages that are looked at together: few at first, for most runs are short."""


def length(data: memoryview, word: int, page_size: int, size: int, fill: bytes, most: int) -> int:
    """How many pages stand here one after the other, at most so many.

    `word` is what the first one's header is to be, `size` the bytes of data behind each; `fill` what they are where
    they are zero pages, which are all alike.
    """
    stride = HEADER + size
    most = min(most, len(data) // stride, ((1 << 64) - 1 - word) // page_size + 1)
    found, step = 0, FIRST
    while found < most:
        n = min(step, most - found)
        first = word + found * page_size
        expected = pack(f">{n}Q", *range(first, first + n * page_size, page_size))
        part = data[found * stride:(found + n) * stride]
        same = _common(bytes(part), _filled(expected, fill), stride) if fill else _common(
            part.cast("Q")[::stride // HEADER].tobytes(), expected, HEADER)
        found += same
        if same < n:
            break
        step = min(step * FACTOR, MOST)
    return found


def headed(head: bytes, data: bytes, word: int, page_size: int, count: int) -> bytes:
    """The data of so many pages behind a header, and between two the one that belongs there: `word` is the first.

    Raises OverflowError where such a header has no 64 bits.
    """
    size = (len(data) - HEADER * (count - 1)) // count
    try:
        headers = pack(f">{count - 1}Q", *range(word, word + (count - 1) * page_size, page_size))
    except error:
        raise OverflowError(f"a page at {word:#x}, or behind it") from None
    out = bytearray(head)
    out += data
    for i in range(HEADER):
        out[len(head) + size + i::size + HEADER] = headers[i::HEADER]
    return bytes(out)


def _filled(headers: bytes, fill: bytes) -> bytes:
    """The same headers, with the one byte of a zero page behind each."""
    rows = bytearray(fill) * (len(headers) // HEADER * (HEADER + 1))
    for i in range(HEADER):
        rows[i::HEADER + 1] = headers[i::HEADER]
    return bytes(rows)


def _common(one: bytes, other: bytes, row: int) -> int:
    """How many rows of so many bytes are the same from the beginning on."""
    if one == other:
        return len(one) // row
    same, end = 0, len(one) // row
    while same < end:
        middle = (same + end + 1) // 2
        if one[same * row:middle * row] == other[same * row:middle * row]:
            same = middle
        else:
            end = middle - 1
    return same
