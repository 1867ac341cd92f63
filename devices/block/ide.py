"""IDE: drives, buses, the PCI controllers with two buses (PIIX3, PIIX4, CMD646, VIA), and the one on ISA.

QEMU hw/ide/core.c, pci.c, isa.c; checked against QEMU 5.2, 7.2, 10.0, 11.1. The drive and the bus serve AHCI too.
"""

from collections.abc import Sequence
from enum import IntEnum, IntFlag

from vmstate import (
    HookRefused,
    Register,
    array,
    boolean,
    buffer,
    int32,
    int64,
    local,
    nested,
    post_load,
    pre_save,
    state,
    subsection,
    uint8,
    uint32,
)

from ..pci.device import PciDevice

BUSES, DRIVES = 2, 2
TRANSFER_SIZE = 256 * 512 + 4
DATA_REQUEST = 0x08  # of a drive's status register

# ATA-8 ACS
STATUS = Register({0x01: "ERR", 0x02: "IDX", 0x04: "CORR", DATA_REQUEST: "DRQ", 0x10: "DSC", 0x20: "DF", 0x40: "DRDY",
                   0x80: "BSY"})
ERROR = Register({0x01: "AMNF", 0x02: "TK0NF", 0x04: "ABRT", 0x08: "MCR", 0x10: "IDNF", 0x20: "MC", 0x40: "UNC",
                  0x80: "ICRC"})
SELECT = Register({0xF: "head", 0x10: ("drive 0", "drive 1"), 0x40: "LBA", 0xA0: ""})
MASTER_COMMAND = Register({0x01: "started", 0x08: "to memory"})
MASTER_STATUS = Register({0x01: "active", 0x02: "error", 0x04: "interrupt", 0x20: "drive 0 does DMA",
                          0x40: "drive 1 does DMA", 0x98: ""})


class Retry(IntFlag):
    """What a bus tries again when the machine goes on: a request failed, and that stopped the machine."""

    DMA = 0x08
    PIO = 0x10
    READ = 0x20
    FLUSH = 0x40
    TRIM = 0x80
    HBA = 0x100


RETRIES_PIO = int(Retry.PIO)  # a flag makes flags of what it meets, which takes ten times as long
ABUSED = int(Retry.DMA | Retry.PIO | Retry.READ | Retry.FLUSH)
"""The bits of a bus master's status register in which the bus's error status travels."""


class TransferEnd(IntEnum):
    """What happens when the guest has fetched or brought all data of a PIO transfer."""

    SECTOR_READ = 0
    SECTOR_WRITE = 1
    STOP = 2
    ATAPI_REPLY = 3
    ATAPI_COMMAND = 4
    NOTHING = 5


@state("ide_drive", version=3, minimum=0)
class IdeDrive:
    """A drive's registers, and the PIO transfer that it is in. An empty slot has them as well."""

    def _is_identified(self) -> bool:
        return self.identify_set != 0

    io_buffer_total_len: int = local(TRANSFER_SIZE)
    bus_retries_pio: bool = local(False)  # whoever has bus and drive tells: see `tell_drives`

    mult_sectors: int = int32(reset=16)
    identify_set: int = int32()
    identify_data: bytearray = buffer(512, when=_is_identified)
    feature: int = uint8()
    error: int = uint8(means=ERROR)
    nsector: int = uint32(reset=1)
    sector: int = uint8(reset=1)
    lcyl: int = uint8(reset=0xFF)
    hcyl: int = uint8(reset=0xFF)
    hob_feature: int = uint8()
    hob_sector: int = uint8()
    hob_nsector: int = uint8()
    hob_lcyl: int = uint8()
    hob_hcyl: int = uint8()
    select: int = uint8(reset=0xA0, means=SELECT)
    status: int = uint8(reset=0x50, means=STATUS)
    lba48: int = uint8()
    sense_key: int = uint8()
    asc: int = uint8()
    cdrom_changed: int = uint8()

    pio_state = subsection("ide_drive/pio_state")
    req_nb_sectors: int = int32()
    io_buffer: list[int] = array(uint8(), "io_buffer_total_len", reset=())  # empty until there is a transfer
    cur_io_buffer_offset: int = int32()
    cur_io_buffer_len: int = int32()
    end_transfer_fn_idx: int = uint8(reset=TransferEnd.NOTHING, means=TransferEnd)
    elementary_transfer_size: int = int32()
    packet_transfer_size: int = int32()

    @pio_state.needed
    def _is_transferring(self) -> bool:
        return bool(self.status & DATA_REQUEST) or self.bus_retries_pio

    @pio_state.pre_save
    def _fill_buffer(self) -> None:
        self.io_buffer.extend([0] * (self.io_buffer_total_len - len(self.io_buffer)))

    @pio_state.post_load
    def _know_end(self, version: int) -> None:
        if self.end_transfer_fn_idx not in set(TransferEnd):
            raise HookRefused(f"a transfer does not end in way {self.end_transfer_fn_idx}")

    @subsection("ide_drive/tray_state")
    def _is_tray_used(self) -> bool:
        return self.tray_open or self.tray_locked

    tray_open: bool = boolean()
    tray_locked: bool = boolean()

    @subsection("ide_drive/atapi/gesn_state")
    def _has_events(self) -> bool:
        return self.new_media or self.eject_request

    new_media: bool = boolean(name="events.new_media")
    eject_request: bool = boolean(name="events.eject_request")


@state("ide_bus")
class IdeBus:
    """Two drives' common registers, and the request that failed."""

    cmd: int = uint8()
    unit: int = uint8()

    @subsection("ide_bus/error", version=2, minimum=1)
    def _has_failed(self) -> bool:
        return self.error_status != 0

    error_status: int = int32(means=Retry)
    retry_sector_num: int = int64(since=2)
    retry_nsector: int = uint32(since=2)
    retry_unit: int = uint8(since=2, means="0 or 1, 0xff none")


def tell_drives(bus: IdeBus, drives: Sequence[IdeDrive]) -> None:
    """Before saving: what the drives' predicates need to know of their bus."""
    for drive in drives:
        drive.bus_retries_pio = bool(bus.error_status & RETRIES_PIO)


@state("ide bmdma", version=3, minimum=0)
class BusMaster:
    """A bus master. The `migration_` members are copies of the bus's, for QEMUs that keep them here."""

    cmd: int = uint8(means=MASTER_COMMAND)
    migration_compat_status: int = uint8()
    addr: int = uint32()
    migration_retry_sector_num: int = int64()
    migration_retry_nsector: int = uint32()
    migration_retry_unit: int = uint8()

    @subsection("ide bmdma_current")
    def _is_moving(self) -> bool:
        return self.cur_prd_len != 0

    cur_addr: int = uint32()
    cur_prd_last: int = uint32()
    cur_prd_addr: int = uint32()
    cur_prd_len: int = uint32()

    @subsection("ide bmdma/status")
    def _is_status_abused(self) -> bool:
        return bool(self.status & ABUSED)

    status: int = uint8(means=MASTER_STATUS)

    def copy_from(self, bus: IdeBus) -> None:
        """Before saving."""
        self.migration_retry_unit = bus.retry_unit
        self.migration_retry_sector_num = bus.retry_sector_num
        self.migration_retry_nsector = bus.retry_nsector
        self.migration_compat_status = self.status & ~ABUSED | bus.error_status & ABUSED

    def copy_to(self, bus: IdeBus) -> None:
        """After loading. QEMU copies where the last request was only if it failed; else it means nothing."""
        if self.status == 0:
            self.status = self.migration_compat_status & ~ABUSED
            bus.error_status |= self.migration_compat_status & ABUSED
        bus.retry_sector_num = self.migration_retry_sector_num
        bus.retry_nsector = self.migration_retry_nsector
        bus.retry_unit = self.migration_retry_unit
        self.migration_retry_unit &= 1  # older QEMUs stored more


@state("ide", version=3, minimum=0)
class PciIde:
    """A PCI controller: two bus masters, two buses, two drives on each."""

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    bmdma: list[BusMaster] = array(nested(BusMaster), BUSES)
    buses: list[IdeBus] = array(nested(IdeBus), BUSES, name="bus", since=1)
    primary: list[IdeDrive] = array(nested(IdeDrive), DRIVES, name="bus[0].ifs", since=3)
    secondary: list[IdeDrive] = array(nested(IdeDrive), DRIVES, name="bus[1].ifs", since=3)

    @pre_save
    def _copy_from_buses(self) -> None:
        for master, bus in zip(self.bmdma, self.buses, strict=True):
            master.copy_from(bus)
        tell_drives(self.buses[0], self.primary)
        tell_drives(self.buses[1], self.secondary)

    @post_load
    def _copy_to_buses(self, version: int) -> None:
        for master, bus in zip(self.bmdma, self.buses, strict=True):
            master.copy_to(bus)


@state("isa-ide", version=3, minimum=0)
class IsaIde:
    """A controller on ISA: one bus with two drives, and no bus master."""

    bus: IdeBus = nested(IdeBus)
    drives: list[IdeDrive] = array(nested(IdeDrive), DRIVES, name="bus.ifs")

    @pre_save
    def _tell_drives(self) -> None:
        tell_drives(self.bus, self.drives)
