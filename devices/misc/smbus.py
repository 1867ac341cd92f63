"""SMBus host controller, part of the PIIX4's and the ICH9's power management.

QEMU hw/i2c/pm_smbus.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import array, boolean, state, uint8, uint32

LONGEST_MESSAGE = 32


@state("pmsmb")
class SmbusController:
    """The host registers, and the block transfer that is going on."""

    stat: int = uint8(name="smb_stat")
    ctl: int = uint8(name="smb_ctl")
    cmd: int = uint8(name="smb_cmd")
    addr: int = uint8(name="smb_addr")
    data0: int = uint8(name="smb_data0")
    data1: int = uint8(name="smb_data1")
    index: int = uint32(name="smb_index")
    data: list[int] = array(uint8(), LONGEST_MESSAGE, name="smb_data")
    auxctl: int = uint8(name="smb_auxctl")
    blkdata: int = uint8(name="smb_blkdata")
    i2c_enable: bool = boolean()
    op_done: bool = boolean(reset=True)
    in_i2c_block_read: bool = boolean()
    start_transaction_on_status_read: bool = boolean()
