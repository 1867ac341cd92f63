"""An NVMe controller. Migratable since QEMU 11.1.

QEMU hw/nvme/ctrl.c; checked against QEMU 11.1: streams, what it refuses, and its descriptions.
"""

from vmstate import (
    HookRefused,
    Packed,
    array,
    boolean,
    chain,
    int32,
    nested,
    nullable,
    post_load,
    state,
    uint8,
    uint16,
    uint32,
    uint64,
)

from ..pci.device import PciDevice, express
from ..pci.msix import Msix, MsixOwner
from .nvme_namespace import Atomic, Namespace

TEMPERATURE, WARNING = 0x143, 0x157


@state("nvme-bar")
class Bar:
    """The controller's registers, 4096 bytes."""

    cap: int = uint64()
    vs: int = uint32()
    intms: int = uint32()
    intmc: int = uint32()
    cc: int = uint32()
    rsvd24: list[int] = array(uint8(), 4)
    csts: int = uint32()
    nssr: int = uint32()
    aqa: int = uint32()
    asq: int = uint64()
    acq: int = uint64()
    cmbloc: int = uint32()
    cmbsz: int = uint32()
    bpinfo: int = uint32()
    bprsel: int = uint32()
    bpmbl: int = uint64()
    cmbmsc: int = uint64()
    cmbsts: int = uint32()
    rsvd92: Packed = array(uint8(), 3492, packed=True)
    pmrcap: int = uint32()
    pmrctl: int = uint32()
    pmrsts: int = uint32()
    pmrebs: int = uint32()
    pmrswtp: int = uint32()
    pmrmscl: int = uint32()
    pmrmscu: int = uint32()
    css: Packed = array(uint8(), 484, packed=True)


@state("nvme-cqe")
class Completion:
    """What a command ends with."""

    result: int = uint32()
    dw1: int = uint32()
    sq_head: int = uint16()
    sq_id: int = uint16()
    cid: int = uint16()
    status: int = uint16()


@state("nvme-request-cmd-dptr-sgl")
class Segment:
    """A piece of the guest's memory."""

    addr: int = uint64()
    len: int = uint32()
    rsvd: list[int] = array(uint8(), 3)
    type: int = uint8()


@state("nvme-request-cmd-dptr")
class DataPointer:
    """Where a command's data is: two pages, or a piece, in the same 16 bytes of the command."""

    prp1: int = uint64()
    prp2: int = uint64()
    sgl: Segment = nested(Segment)


@state("nvme-request-cmd")
class Command:
    """A command as the guest wrote it."""

    opcode: int = uint8()
    flags: int = uint8()
    cid: int = uint16()
    nsid: int = uint32()
    res1: int = uint64()
    mptr: int = uint64()
    dptr: DataPointer = nested(DataPointer)
    cdw10: int = uint32()
    cdw11: int = uint32()
    cdw12: int = uint32()
    cdw13: int = uint32()
    cdw14: int = uint32()
    cdw15: int = uint32()


@state("nvme-request")
class Request:
    """A command that is not finished, or whose completion has no place in its queue yet."""

    status: int = uint16()
    cqe: Completion = nested(Completion)
    cmd: Command = nested(Command)


@state("nvme-async-event-result")
class EventResult:
    """What happened."""

    event_type: int = uint8()
    event_info: int = uint8()
    log_page: int = uint8()
    resv: int = uint8()


@state("nvme-async-event")
class Event:
    """An event that the guest has not asked for yet."""

    result: EventResult = nested(EventResult)


@state("nvme-sq")
class SubmissionQueue:
    """A queue of commands in the guest's memory."""

    sqid: int = uint16()
    cqid: int = uint16()
    head: int = uint32()
    tail: int = uint32()
    size: int = uint32()
    dma_addr: int = uint64()


@state("nvme-cq")
class CompletionQueue:
    """A queue of completions in the guest's memory, and those that it has no place for."""

    phase: int = uint8()
    cqid: int = uint16()
    irq_enabled: int = uint16()
    head: int = uint32()
    tail: int = uint32()
    vector: int = uint32()
    size: int = uint32()
    dma_addr: int = uint64()
    req_list: list[Request] = chain(nested(Request), since=1)


@state("nvme-hbs")
class HostBehavior:
    """What the guest has said of itself, 512 bytes."""

    acre: int = uint8()
    etdas: int = uint8()
    lbafee: int = uint8()
    rsvd3: int = uint8()
    cdfe: int = uint16()
    rsvd6: Packed = array(uint8(), 506, packed=True)


@state("nvme")
class Nvme(MsixOwner):
    """The controller: registers, its one namespace, the queues. Those that the guest has not made are None."""

    parent: PciDevice = nested(PciDevice, name="parent_obj", reset=express)
    msix: Msix = nested(Msix, name="parent_obj")
    bar: Bar = nested(Bar)
    qs_created: bool = boolean()
    page_size: int = uint32()
    page_bits: int = uint16()
    max_prp_ents: int = uint16()
    max_q_ents: int = uint32()
    outstanding_aers: int = uint8()
    irq_status: int = uint32()
    cq_pending: int = int32()
    host_timestamp: int = uint64(means="ms, as the guest set it")
    timestamp_set_qemu_clock_ms: int = uint64(means="ms")
    starttime_ms: int = uint64(means="ms")
    temperature: int = uint16(reset=TEMPERATURE, means="K")
    smart_critical_warning: int = uint8()
    conf_msix_qsize: int = uint32(reset=1)
    conf_ioqpairs: int = uint32(reset=1, means="queues of either kind besides the administrator's")
    dbbuf_dbs: int = uint64()
    dbbuf_eis: int = uint64()
    dbbuf_enabled: bool = boolean()
    aer_mask: int = uint8()
    aer_reqs: list[Request | None] = array(nullable(nested(Request), marked=True), "outstanding_aers")
    aer_queue: list[Event] = chain(nested(Event), since=1)
    aer_queued: int = int32(means="events in `aer_queue`")
    namespace: Namespace = nested(Namespace)
    sq: list[SubmissionQueue | None] = array(nullable(nested(SubmissionQueue), marked=True), "queues")
    cq: list[CompletionQueue | None] = array(nullable(nested(CompletionQueue), marked=True), "queues")
    temp_thresh_hi: int = uint16(name="features.temp_thresh_hi", reset=WARNING, means="K")
    temp_thresh_low: int = uint16(name="features.temp_thresh_low", means="K")
    async_config: int = uint32(name="features.async_config")
    hbs: HostBehavior = nested(HostBehavior, name="features.hbs")
    dn: int = uint32()
    atomic: Atomic = nested(Atomic)

    @property
    def function(self) -> PciDevice:
        """The PCI function, whose capability tells how large the MSI-X table is."""
        return self.parent

    @property
    def queues(self) -> int:
        """Queues of either kind: those for the guest's data, and the one of the administrator."""
        return self.conf_ioqpairs + 1

    @post_load
    def _is_consistent(self, version: int) -> None:
        for i, one in enumerate(self.sq):
            if one is not None and one.sqid != i:
                raise HookRefused(f"submission queue {i} says that it is {one.sqid}")
            if one is not None and (one.cqid >= len(self.cq) or self.cq[one.cqid] is None):
                raise HookRefused(f"submission queue {i} has no completion queue {one.cqid}")
        for i, other in enumerate(self.cq):
            if other is not None and other.cqid != i:
                raise HookRefused(f"completion queue {i} says that it is {other.cqid}")
