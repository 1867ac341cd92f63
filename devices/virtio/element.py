"""A request that the device took out of a queue and has not answered: memory of the guest to read, and to write.

QEMU hw/virtio/virtio.c; checked against QEMU 5.2, 7.2, 10.0. It goes by as a structure of the host: this is that of
64-bit little-endian hosts. With packed rings QEMU writes `ndescs` before it, and looks for it behind it.
"""

from vmstate import Around, array, nested, setting, state, uint32, uint64, unused

SLOTS = 1024
ADDRESS, IOVEC = 8, 16


class ElementOwner:
    """What an element asks of the device around it."""

    __slots__ = ()

    @property
    def offers_packed_rings(self) -> bool:
        """Whether the feature RING_PACKED is offered, used or not."""
        raise NotImplementedError


def _packed_says(ahead: memoryview) -> bool | None:
    """First is an index up to 1023, little-endian; or ndescs from 1 to 1024, big-endian."""
    if len(ahead) < 4:
        return None
    return int.from_bytes(ahead[:4], "little") >= SLOTS


@state("iovec")
class Iovec:
    """How much memory. Where it was in the source's address space means nothing any more."""

    _base = unused(ADDRESS)
    length: int = uint64(order="little", name="iov_len")


@state("VirtQueueElementOld")
class VirtQueueElement:
    """The head's index, and the guest's memory by address and length: `out` is for the device to read."""

    def _has_ndescs(self, around: Around) -> bool:
        return self.packed or around.up(ElementOwner).offers_packed_rings

    def _free_in(self) -> int:
        return max(0, SLOTS - self.in_num) * ADDRESS

    def _free_out(self) -> int:
        return max(0, SLOTS - self.out_num) * ADDRESS

    def _free_in_sg(self) -> int:
        return max(0, SLOTS - self.in_num) * IOVEC

    def _free_out_sg(self) -> int:
        return max(0, SLOTS - self.out_num) * IOVEC

    packed: bool = setting(False, True, told=_packed_says)
    ndescs: int = uint32(when=_has_ndescs, reset=1)
    index: int = uint32(order="little")
    out_num: int = uint32(order="little", maximum=SLOTS)
    in_num: int = uint32(order="little", maximum=SLOTS)
    _align = unused(4)
    in_addr: list[int] = array(uint64(order="little"), "in_num")
    _in_addr_free = unused(_free_in)
    out_addr: list[int] = array(uint64(order="little"), "out_num")
    _out_addr_free = unused(_free_out)
    in_sg: list[Iovec] = array(nested(Iovec), "in_num")
    _in_sg_free = unused(_free_in_sg)
    out_sg: list[Iovec] = array(nested(Iovec), "out_num")
    _out_sg_free = unused(_free_out_sg)
