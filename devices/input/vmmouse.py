"""VMware's absolute mouse, a queue behind a magic port.

QEMU hw/i386/vmmouse.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import Packed, array, equal, int32, state, uint8, uint16, uint32

QUEUE_SIZE = 1024
DISABLED = 0xFFFF


@state("vmmouse", version=0, minimum=0)
class VmMouse:
    """Events that the guest has not fetched yet, and whether they are absolute."""

    queue_size: int = equal(int32(reset=QUEUE_SIZE))
    queue: Packed = array(uint32(), QUEUE_SIZE, packed=True)
    nb_queue: int = uint16()
    status: int = uint16(reset=DISABLED)
    absolute: int = uint8()
