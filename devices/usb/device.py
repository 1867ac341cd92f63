"""A USB device: what the section of every one begins with.

QEMU hw/usb/bus.c, hw/usb/core.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
The data of a control transfer does not go along, nor do packets in flight: their host controller finds them again in
the guest's memory.
"""

from enum import IntEnum

from vmstate import array, int32, state, uint8

SETUP = 8


class DeviceState(IntEnum):
    """How far a device is with being known to the host."""

    NOT_ATTACHED = 0
    ATTACHED = 1
    DEFAULT = 3
    SUSPENDED = 6


class SetupState(IntEnum):
    """Where a control transfer is."""

    IDLE = 0
    SETUP = 1
    DATA = 2
    ACK = 3
    PARAMETER = 4


@state("USBDevice")
class UsbDevice:
    """Its address, and the control transfer that it is busy with."""

    addr: int = uint8()
    state: int = int32(reset=DeviceState.ATTACHED, means=DeviceState)
    remote_wakeup: int = int32(means="1 it may wake the host")
    setup_state: int = int32(means=SetupState)
    setup_len: int = int32(means="bytes of data that the transfer has")
    setup_index: int = int32(means="bytes of it that are through")
    setup_buf: list[int] = array(uint8(), SETUP)

    @property
    def attached(self) -> bool:
        """Whether it is plugged in."""
        return self.state != DeviceState.NOT_ATTACHED


def unplugged() -> UsbDevice:
    """A device that is not there until its other end is connected."""
    return UsbDevice(state=DeviceState.NOT_ATTACHED)
