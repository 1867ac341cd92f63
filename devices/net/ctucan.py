"""The CTU CAN FD controller, and a PCI card with two of them.

QEMU hw/net/can/ctucan_core.c, ctucan_pci.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from vmstate import array, buffer, nested, state, uint8, uint32

from ..pci.device import PciDevice

SENDING, LONGEST_MESSAGE, RECEIVED = 4, 80, 0x2000
FLEXIBLE_RATE = 0x10
IDLE, EMPTY = 0x84, 0x8888
PATTERN = 0xDEAD_BEEF


@state("qemu_ctucan_tx_buffer", version=1)
class TxBuffer:
    """A message to be sent."""

    data: list[int] = array(uint8(), LONGEST_MESSAGE)


@state("ctucan", version=1)
class CtuCan:
    """The controller: its registers by the names that its maker has for them, and the messages."""

    mode_settings: int = uint32(reset=FLEXIBLE_RATE, name="mode_settings.u32")
    status: int = uint32(reset=IDLE, name="status.u32")
    int_stat: int = uint32(name="int_stat.u32")
    int_ena: int = uint32(name="int_ena.u32")
    int_mask: int = uint32(name="int_mask.u32")
    brt: int = uint32(name="brt.u32")
    brt_fd: int = uint32(name="brt_fd.u32")
    ewl_erp_fault_state: int = uint32(name="ewl_erp_fault_state.u32")
    rec_tec: int = uint32(name="rec_tec.u32")
    err_norm_err_fd: int = uint32(name="err_norm_err_fd.u32")
    ctr_pres: int = uint32(name="ctr_pres.u32")
    filter_a_mask: int = uint32(name="filter_a_mask.u32")
    filter_a_val: int = uint32(name="filter_a_val.u32")
    filter_b_mask: int = uint32(name="filter_b_mask.u32")
    filter_b_val: int = uint32(name="filter_b_val.u32")
    filter_c_mask: int = uint32(name="filter_c_mask.u32")
    filter_c_val: int = uint32(name="filter_c_val.u32")
    filter_ran_low: int = uint32(name="filter_ran_low.u32")
    filter_ran_high: int = uint32(name="filter_ran_high.u32")
    filter_control_filter_status: int = uint32(name="filter_control_filter_status.u32")
    rx_mem_info: int = uint32(name="rx_mem_info.u32")
    rx_pointers: int = uint32(name="rx_pointers.u32")
    rx_status_rx_settings: int = uint32(name="rx_status_rx_settings.u32")
    tx_status: int = uint32(reset=EMPTY, name="tx_status.u32")
    tx_priority: int = uint32(name="tx_priority.u32")
    err_capt_alc: int = uint32(name="err_capt_alc.u32")
    trv_delay_ssp_cfg: int = uint32(name="trv_delay_ssp_cfg.u32")
    rx_fr_ctr: int = uint32(name="rx_fr_ctr.u32")
    tx_fr_ctr: int = uint32(name="tx_fr_ctr.u32")
    debug_register: int = uint32(name="debug_register.u32")
    yolo_reg: int = uint32(reset=PATTERN, name="yolo_reg.u32")
    timestamp_low: int = uint32(name="timestamp_low.u32")
    timestamp_high: int = uint32(name="timestamp_high.u32")
    tx_buffer: list[TxBuffer] = array(nested(TxBuffer), SENDING, reset=lambda: [TxBuffer() for _ in range(SENDING)])
    rx_buff: bytearray = buffer(RECEIVED, means="messages, a ring")
    rx_tail_pos: int = uint32(means="where the next message goes")
    rx_cnt: int = uint32(means="bytes")
    rx_frame_rem: int = uint32(means="bytes of the first message that the guest has not read")


@state("ctucan_pci", version=1)
class CtuCanPci:
    """The card."""

    dev: PciDevice = nested(PciDevice)
    first: CtuCan = nested(CtuCan, name="ctucan_state[0]")
    second: CtuCan = nested(CtuCan, name="ctucan_state[1]")
