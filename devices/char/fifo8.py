"""A queue of bytes in a ring, as many devices have one.

QEMU util/fifo8.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import buffer, local, state, uint32


@state("Fifo8")
class Fifo8:
    """The ring, where in it the oldest byte is, and how many there are. What has another capacity says so anew."""

    capacity: int = local(16)

    data: bytearray = buffer("capacity", since=1)
    head: int = uint32()
    num: int = uint32()
