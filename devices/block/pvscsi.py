"""VMware's paravirtual SCSI adapter.

QEMU hw/scsi/vmw_pvscsi.c; checked against QEMU 5.2, 7.2, 10.0, 11.1. No command waits in it when it is saved.
"""

from vmstate import again, array, nested, setting, state, subsection, uint8, uint32, uint64

from ..ahead import sent
from ..pci.device import PciDevice, express

PAGES = 32
COMMAND_WORDS = 4 + 4 * PAGES
"""Words of the longest command: it sets up the rings."""


@state("pvscsi", version=0)
class Pvscsi:
    """The adapter: registers, the command that is being told, and where the rings are."""

    def _is_conventional(self) -> bool:
        return not self.is_express

    is_express: bool = setting(True, told=sent("pvscsi/pcie"))  # x-disable-pcie=, on up to machine types 2.5
    parent: PciDevice = nested(PciDevice, name="parent_obj", reset=express, when=_is_conventional)
    msi_used: int = uint8(reset=1)
    resetting: int = uint32(means="resets that are going on")
    reg_interrupt_status: int = uint64()
    reg_interrupt_enabled: int = uint64()
    reg_command_status: int = uint64()
    curr_cmd: int = uint64()
    curr_cmd_data_cntr: int = uint32(means="words of the command that came")
    curr_cmd_data: list[int] = array(uint32(), COMMAND_WORDS)
    rings_info_valid: int = uint8()
    msg_ring_info_valid: int = uint8()
    use_msg: int = uint8(reset=1)
    rs_pa: int = uint64(name="rings.rs_pa", means="the state that is shared with the guest")
    txr_len_mask: int = uint32(name="rings.txr_len_mask")
    rxr_len_mask: int = uint32(name="rings.rxr_len_mask")
    req_ring_pages_pa: list[int] = array(uint64(), PAGES, name="rings.req_ring_pages_pa")
    cmp_ring_pages_pa: list[int] = array(uint64(), PAGES, name="rings.cmp_ring_pages_pa")
    consumed_ptr: int = uint64(name="rings.consumed_ptr")
    filled_cmp_ptr: int = uint64(name="rings.filled_cmp_ptr")

    @subsection("pvscsi/pcie", version=0)
    def _is_express(self) -> bool:
        return self.is_express

    _express = again("parent", nested(PciDevice), name="parent_obj")
