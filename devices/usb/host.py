"""USB devices that are the host's: any of them, and the security keys that are passed through (U2F).

QEMU hw/usb/host-libusb.c, u2f.c, u2f-passthru.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
A device of the host does not go along: the guest sees that it is unplugged.
"""

from vmstate import array, nested, state, uint8

from .device import UsbDevice, unplugged

PACKETS, PACKET = 32, 64


@state("usb-host")
class UsbHost:
    """A device of the host."""

    parent: UsbDevice = nested(UsbDevice, reset=unplugged, name="parent_obj")


@state("u2f-key")
class U2fKey:
    """A security key, and the packets that the guest has not fetched yet: a ring of 32."""

    dev: UsbDevice = nested(UsbDevice)
    idle: int = uint8()
    pending_in: list[int] = array(uint8(), PACKETS * PACKET)
    pending_in_start: int = uint8()
    pending_in_end: int = uint8()
    pending_in_num: int = uint8()


@state("u2f-key-passthru")
class U2fPassthrough:
    """A key of the host. Transactions that it is busy with are forgotten."""

    base: U2fKey = nested(U2fKey)
