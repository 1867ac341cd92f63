"""RTL8139C+ fast ethernet.

QEMU hw/net/rtl8139.c; checked against QEMU 5.2, 7.2, 10.0, 11.1.
"""

from enum import IntFlag

from vmstate import (
    array,
    buffer,
    int32,
    int64,
    nested,
    post_load,
    pre_save,
    setting,
    state,
    subsection,
    uint8,
    uint16,
    uint32,
    uint64,
    unused,
)

from ..ahead import sent
from ..pci.device import PciDevice

DESCRIPTORS, EEPROM_WORDS = 4, 64
HOST_OWNS = 0x2000  # of a transmit status
REVISION = 1 << 30 | 1 << 29 | 1 << 28 | 1 << 26 | 1 << 23  # in the transmit configuration: an RTL8139C+
RING = 8192
RESET = 0x10  # of the command register
REALTEK, DEVICE_ID = 0x10EC, 0x8139
EEPROM = (0x8129, REALTEK, DEVICE_ID)
"""How the EEPROM begins; the network address is in words 7 to 9."""


class Interrupt(IntFlag):
    """The causes of an interrupt."""

    RX_OK = 0x0001
    RX_ERR = 0x0002
    TX_OK = 0x0004
    TX_ERR = 0x0008
    RX_OVERFLOW = 0x0010
    RX_UNDERRUN = 0x0020
    RX_FIFO_OVER = 0x0040
    TIMEOUT = 0x4000
    SYSTEM_ERROR = 0x8000


@state("rtl8139", version=5, minimum=3)
class Rtl8139:
    """The card: the rings of both of its modes, registers, transceiver, EEPROM, timer, counters.

    The ring of four descriptors is that of an RTL8139 (C mode), the other ones are those of C+ mode.
    """

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    phys: bytearray = buffer(6, means="network address, as the guest set it")
    mult: bytearray = buffer(8, means="hash of the multicast addresses")
    tx_status: list[int] = array(uint32(reset=HOST_OWNS), DESCRIPTORS, name="TxStatus")
    tx_addr: list[int] = array(uint32(), DESCRIPTORS, name="TxAddr")
    rx_buf: int = uint32(name="RxBuf")
    rx_buffer_size: int = uint32(name="RxBufferSize", reset=RING)
    rx_buf_ptr: int = uint32(name="RxBufPtr")
    rx_buf_addr: int = uint32(name="RxBufAddr")
    intr_status: int = uint16(name="IntrStatus", means=Interrupt)
    intr_mask: int = uint16(name="IntrMask", means=Interrupt)
    tx_config: int = uint32(name="TxConfig", reset=REVISION)
    rx_config: int = uint32(name="RxConfig")
    rx_missed: int = uint32(name="RxMissed")
    cscr: int = uint16(name="CSCR", reset=0x0340)
    cfg9346: int = uint8(name="Cfg9346")
    config0: int = uint8(name="Config0")
    config1: int = uint8(name="Config1", reset=0x0C)
    config3: int = uint8(name="Config3", reset=0x01)
    config4: int = uint8(name="Config4")
    config5: int = uint8(name="Config5")
    clock_enabled: int = uint8(reset=1)
    command: int = uint8(name="bChipCmdState", reset=RESET)
    multi_intr: int = uint16(name="MultiIntr")
    basic_mode_ctrl: int = uint16(name="BasicModeCtrl", reset=0x1000)
    basic_mode_status: int = uint16(name="BasicModeStatus", reset=0x782D)
    nway_advert: int = uint16(name="NWayAdvert", reset=0x05E1)
    nway_lpar: int = uint16(name="NWayLPAR", reset=0x05E1)
    nway_expansion: int = uint16(name="NWayExpansion", reset=0x0001)
    cp_cmd: int = uint16(name="CpCmd")
    tx_thresh: int = uint8(name="TxThresh")
    _irq = unused(4)
    macaddr: bytearray = buffer(6, name="conf.macaddr")
    mmio_io_addr: int = int32(name="rtl8139_mmio_io_addr_dummy")
    curr_tx_desc: int = uint32(name="currTxDesc")
    curr_cplus_rx_desc: int = uint32(name="currCPlusRxDesc")
    curr_cplus_tx_desc: int = uint32(name="currCPlusTxDesc")
    rx_ring_addr_lo: int = uint32(name="RxRingAddrLO")
    rx_ring_addr_hi: int = uint32(name="RxRingAddrHI")
    eeprom_contents: list[int] = array(
        uint16(), EEPROM_WORDS, name="eeprom.contents", reset=[*EEPROM, *[0] * (EEPROM_WORDS - len(EEPROM))])
    eeprom_mode: int = int32(name="eeprom.mode")
    eeprom_tick: int = uint32(name="eeprom.tick")
    eeprom_address: int = uint8(name="eeprom.address")
    eeprom_input: int = uint16(name="eeprom.input")
    eeprom_output: int = uint16(name="eeprom.output")
    eeprom_eecs: int = uint8(name="eeprom.eecs")
    eeprom_eesk: int = uint8(name="eeprom.eesk")
    eeprom_eedi: int = uint8(name="eeprom.eedi")
    eeprom_eedo: int = uint8(name="eeprom.eedo")
    tctr: int = uint32(name="TCTR", means="units of 30 ns since `tctr_base`, as it was saved")
    timer_int: int = uint32(name="TimerInt", means="units of 30 ns")
    tctr_base: int = int64(name="TCTR_base", means="ns")
    tx_ok: int = uint64(name="tally_counters.TxOk")
    rx_ok: int = uint64(name="tally_counters.RxOk")
    tx_err: int = uint64(name="tally_counters.TxERR")
    rx_err: int = uint32(name="tally_counters.RxERR")
    miss_pkt: int = uint16(name="tally_counters.MissPkt")
    fae: int = uint16(name="tally_counters.FAE")
    tx_1col: int = uint32(name="tally_counters.Tx1Col")
    tx_mcol: int = uint32(name="tally_counters.TxMCol")
    rx_ok_phy: int = uint64(name="tally_counters.RxOkPhy")
    rx_ok_brd: int = uint64(name="tally_counters.RxOkBrd")
    rx_ok_mul: int = uint32(name="tally_counters.RxOkMul", since=5)
    tx_abt: int = uint16(name="tally_counters.TxAbt")
    tx_undrn: int = uint16(name="tally_counters.TxUndrn")
    cplus_enabled: int = uint32(since=4)

    hotplugged: bool = setting(False, told=sent("rtl8139/hotplug_ready"))  # something was plugged in or out

    @subsection("rtl8139/hotplug_ready")
    def _is_machine_modified(self) -> bool:
        return self.hotplugged

    @pre_save
    def _forget_address(self) -> None:
        self.mmio_io_addr = 0

    @post_load
    def _tell_mode(self, version: int) -> None:
        if version < 4:
            self.cplus_enabled = int(self.cp_cmd != 0)
