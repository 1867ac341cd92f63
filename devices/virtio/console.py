"""virtio-serial: consoles and ports, whose section is called virtio-console.

QEMU hw/char/virtio-serial-bus.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import (
    HookRefused,
    again,
    array,
    boolean,
    equal,
    nested,
    post_load,
    pre_save,
    state,
    uint16,
    uint32,
    uint64,
)

from .common import RING_PACKED, Virtio
from .element import ElementOwner, VirtQueueElement

MOST_PORTS = 511
RESERVED = 0x01  # port 0 is for a console, whether there is one or not


@state("virtio-serial-port")
class SerialPort:
    """Who has it open, and the buffer that the host has not taken whole."""

    def _has_element(self) -> bool:
        return self.elem_popped != 0

    id: int = uint32()
    guest_connected: bool = boolean()
    host_connected: bool = boolean()
    elem_popped: int = uint32()
    iov_idx: int = uint32(when=_has_element)
    iov_offset: int = uint64(when=_has_element)
    element: VirtQueueElement = nested(VirtQueueElement, when=_has_element, name="elem")


@state("virtio-console", version=3, info="virtio")
class VirtioConsole(ElementOwner):
    """The device: its configuration, which ports exist, and the ports."""

    virtio: Virtio = nested(Virtio)
    cols: int = uint16()
    rows: int = uint16()
    max_nr_ports: int = uint32(reset=31, means="max_ports=, in the byte order of the guest")
    ports_map: list[int] = array(
        equal(uint32(), hint="both ends need the same ports"), "map_words", reset=lambda: [RESERVED])
    nr_active_ports: int = uint32()
    ports: list[SerialPort] = array(nested(SerialPort), "nr_active_ports")
    _later = again("virtio", nested(Virtio.later))

    @property
    def map_words(self) -> int:
        """Words of 32 ports."""
        most = self.max_nr_ports
        if most > MOST_PORTS:
            most = int.from_bytes(most.to_bytes(4, "little"), "big")
        return (most + 31) // 32

    @property
    def offers_packed_rings(self) -> bool:
        """As the common part knows."""
        return bool(self.virtio.offered & RING_PACKED)

    @pre_save
    def _count(self) -> None:
        self.nr_active_ports = len(self.ports)

    @post_load
    def _exist(self, version: int) -> None:
        for port in self.ports:
            word, bit = divmod(port.id, 32)
            if word >= len(self.ports_map) or not self.ports_map[word] >> bit & 1:
                raise HookRefused(f"there is no port {port.id}")
