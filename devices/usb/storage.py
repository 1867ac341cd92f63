"""USB mass storage: how far the transfer of a SCSI command is. The drive has a section of its own.

QEMU hw/usb/dev-storage.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from enum import IntEnum

from vmstate import nested, state, uint8, uint32

from .device import UsbDevice


class Mode(IntEnum):
    """What is to come."""

    COMMAND = 0
    DATA_OUT = 1
    DATA_IN = 2
    STATUS = 3


@state("usb-storage")
class UsbStorage:
    """The adapter: the data that the drive has ready, and the status that is to be told."""

    dev: UsbDevice = nested(UsbDevice)
    mode: int = uint32(means=Mode)
    scsi_len: int = uint32(means="bytes that the drive has ready, or takes")
    scsi_off: int = uint32()
    data_len: int = uint32(means="bytes that the guest still expects")
    csw_signature: int = uint32(name="csw.sig")
    csw_tag: int = uint32(name="csw.tag")
    csw_residue: int = uint32(name="csw.residue")
    csw_status: int = uint8(name="csw.status", means="0 passed, 1 failed, 2 phase error")
