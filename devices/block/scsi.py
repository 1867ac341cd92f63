"""SCSI drives, and the commands that they have not finished.

QEMU hw/scsi/scsi-bus.c, scsi-disk.c, virtio-scsi.c, spapr_vscsi.c, mptsas.c; checked against QEMU 5.2, 7.2, 10.0, and
by its description with 11.1.
Commands that scsi-block hands through to the host's drive are not here: how long their data is, the host decides.
"""

from enum import IntEnum

from vmstate import (
    Around,
    again,
    array,
    boolean,
    buffer,
    chain,
    local,
    nested,
    setting,
    state,
    subsection,
    uint8,
    uint16,
    uint32,
    uint64,
)

from ..virtio.element import ElementOwner, VirtQueueElement

SENSE, FIRST_SENSE = 252, 96
UNIT_ATTENTION, WAS_RESET = 6, 0x29
COMMAND, SECTOR = 16, 512
INFORMATION_UNIT, MPT_MESSAGE = 256, 48
RETRY = 1

READ, WRITE = {0x08, 0x28, 0xA8, 0x88}, {0x0A, 0x2A, 0xAA, 0x8A}
WRITE_AND_VERIFY, VERIFY = {0x2E, 0xAE, 0x8E}, {0x2F, 0xAF, 0x8F}
TRANSFERS = READ | WRITE | WRITE_AND_VERIFY
BRINGS_DATA = WRITE | WRITE_AND_VERIFY | {
    0x04, 0x07, 0x15, 0x18, 0x1D, 0x39, 0x3A, 0x3B, 0x40, 0x41, 0x42, 0x4C, 0x55, 0x93,
}
"""What brings data to the drive: writing, FORMAT UNIT, REASSIGN BLOCKS, MODE SELECT, COPY, SEND DIAGNOSTIC, COMPARE,
COPY AND VERIFY, WRITE BUFFER, CHANGE DEFINITION, WRITE SAME, UNMAP, LOG SELECT; VERIFY if it says so itself."""


class Adapter(IntEnum):
    """The host adapter, which says something of each command too."""

    OTHER = 0
    VIRTIO = 1
    VSCSI = 2
    MPTSAS = 3


@state("virtio-scsi-request")
class VirtioRequest:
    """Of virtio-scsi: the request queue, counted from 0, and what was taken out of it."""

    queue: int = uint32()
    element: VirtQueueElement = nested(VirtQueueElement)


@state("spapr_vscsi_req")
class VscsiRequest:
    """Of a pseries: the information unit that asked, and what of it is done."""

    crq: bytearray = buffer(16, name="crq.raw")
    viosrp_iu_buf: bytearray = buffer(INFORMATION_UNIT)
    qtag: int = uint32()
    active: bool = boolean(reset=True)
    data_len: int = uint32()
    writing: bool = boolean()
    senselen: int = uint32()
    sense: bytearray = buffer(SENSE)
    dma_fmt: int = uint8()
    local_desc: int = uint16()
    total_desc: int = uint16()
    cdb_offset: int = uint16()


@state("mptsas-segment")
class MptSegment:
    """A piece of the guest's memory."""

    base: int = uint64()
    length: int = uint64(name="len")


@state("mptsas-request")
class MptRequest:
    """Of an LSI SAS1068: the message that asked, and the memory that it leads to."""

    scsi_io: bytearray = buffer(MPT_MESSAGE)
    segment_count: int = uint32(name="qsg.nsg")
    segments: list[MptSegment] = array(nested(MptSegment), "segment_count", name="qsg.sg")


def _transfer_says(ahead: memoryview) -> bool | None:
    """Of reading and writing always; of other commands it depends."""
    return True if ahead and ahead[0] in TRANSFERS else None


@state("scsi-request")
class ScsiRequest:
    """A command; and how far the drive is with it."""

    def _is_virtio(self, around: Around) -> bool:
        return around.up(ScsiDevice).adapter == Adapter.VIRTIO

    def _is_vscsi(self, around: Around) -> bool:
        return around.up(ScsiDevice).adapter == Adapter.VSCSI

    def _is_mptsas(self, around: Around) -> bool:
        return around.up(ScsiDevice).adapter == Adapter.MPTSAS

    def _has_progress(self, around: Around) -> bool:
        return self.opcode in TRANSFERS or (self.tells_progress and around.up(ScsiDevice).sends_emulated)

    def _has_reply(self, around: Around) -> bool:
        return self._has_progress(around) and self.buflen > 0 and not self._brings() and self.retry != RETRY

    def _has_data(self, around: Around) -> bool:
        return self._has_progress(around) and self.buflen > 0 and (self._brings() or self.retry != RETRY)

    retry: int = uint8(reset=RETRY, range=(1, 2), means="1 it starts anew, 2 it goes on")
    tells_progress: bool = setting(True, False, told=_transfer_says)  # off where the device has `sends_emulated` off
    cdb: bytearray = buffer(COMMAND)
    tag: int = uint32()
    lun: int = uint32()
    virtio: VirtioRequest = nested(VirtioRequest, when=_is_virtio)
    vscsi: VscsiRequest = nested(VscsiRequest, when=_is_vscsi)
    mptsas: MptRequest = nested(MptRequest, when=_is_mptsas)
    sector: int = uint64(when=_has_progress, means="the next, of 512 bytes")
    sector_count: int = uint32(when=_has_progress)
    buflen: int = uint32(when=_has_progress, means="size of the buffer, 0 without one")
    reply_length: int = uint32(when=_has_reply)
    data: bytearray = buffer("data_length", when=_has_data)

    @property
    def opcode(self) -> int:
        """What is to be done."""
        return self.cdb[0] if self.cdb else 0

    @property
    def data_length(self) -> int:
        """Bytes in the buffer: of what was read as many as there are; of what is written as QEMU's reader counts."""
        return min(self.sector_count * SECTOR, self.buflen) if self._brings() else self.reply_length

    def _brings(self) -> bool:
        return self.opcode in BRINGS_DATA or (self.opcode in VERIFY and bool(self.cdb[1] & 0x02))


def _idle_adapter(ahead: memoryview) -> Adapter | None:
    """Without commands it makes no difference."""
    return Adapter.OTHER if ahead[:1].tobytes() == b"\0" else None


@state("SCSIDevice")
class ScsiDevice(ElementOwner):
    """What every drive has: the unit attention that waits, the sense data, the commands."""

    ua_key: int = uint8(name="unit_attention.key", reset=UNIT_ATTENTION)
    ua_asc: int = uint8(name="unit_attention.asc", reset=WAS_RESET)
    ua_ascq: int = uint8(name="unit_attention.ascq")
    sense_is_ua: bool = boolean()
    sense: list[int] = array(uint8(), FIRST_SENSE, reset=[0] * SENSE)
    sense_len: int = uint32()

    adapter: Adapter = setting(Adapter.OTHER, Adapter.VIRTIO, Adapter.VSCSI, Adapter.MPTSAS, told=_idle_adapter)
    requests: list[ScsiRequest] = chain(nested(ScsiRequest), marker=uint8(), type="scsi-requests")

    sends_emulated: bool = local(True, before={"9.1": False})  # migrate-emulated-scsi-request=
    packed_rings: bool = local(False)  # the virtio-scsi adapter offers RING_PACKED

    @subsection("SCSIDevice/sense")
    def _has_more_sense(self) -> bool:
        return self.sense_len > FIRST_SENSE

    _more_sense = again("sense", array(uint8(), SENSE - FIRST_SENSE, start=FIRST_SENSE))

    @property
    def offers_packed_rings(self) -> bool:
        """As the adapter does."""
        return self.packed_rings


@state("scsi-disk")
class ScsiDisk:
    """A hard disk, a CD or DVD drive, or a drive of the host: and its tray."""

    qdev: ScsiDevice = nested(ScsiDevice)
    media_changed: bool = boolean()
    media_event: bool = boolean()
    eject_request: bool = boolean()
    tray_open: bool = boolean()
    tray_locked: bool = boolean()

    migrate_pr: bool = local(True, before={"11.0": False})  # migrate-pr=; QEMU 10.2 and older have none

    @subsection("scsi-disk/pr")
    def _is_registered(self) -> bool:
        return self.migrate_pr and self.pr_key != 0

    pr_key: int = uint64(name="qdev.pr_state.key", means="the guest's key for persistent reservations")
    resv_type: int = uint8(name="qdev.pr_state.resv_type", means="type of its reservation, 0 without one")
