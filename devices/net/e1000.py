"""Intel 8254x gigabit ethernet: the e1000 of a pc.

QEMU hw/net/e1000.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.

QEMU holds all registers in one array and sends some of them one by one, as the first version did, and later the whole
array. Here the former are attributes, and `mac_reg` is the array: it takes them in when it is sent, and sets them when
it has come.
"""

from vmstate import (
    Around,
    Packed,
    array,
    boolean,
    buffer,
    int8,
    local,
    nested,
    post_load,
    pre_load,
    setting,
    state,
    subsection,
    uint8,
    uint16,
    uint32,
    unused,
)

from ..ahead import sent_of
from ..pci.device import PciDevice
from . import e1000x

ADDRESS_WORDS, MULTICAST_WORDS, VLAN_WORDS = 32, 128, 128
TRANSCEIVER_REGISTERS, DEVICE_ID = 32, 0x100E

ADDRESSES = {
    "ctrl": 0x0000, "eecd": 0x0010, "eerd": 0x0014, "gprc": 0x4074, "gptc": 0x4080, "icr": 0x00C0, "ics": 0x00C8,
    "imc": 0x00D8, "ims": 0x00D0, "ledctl": 0x0E00, "manc": 0x5820, "mdic": 0x0020, "mpc": 0x4010, "pba": 0x1000,
    "rctl": 0x0100, "rdbah": 0x2804, "rdbal": 0x2800, "rdh": 0x2810, "rdlen": 0x2808, "rdt": 0x2818, "status": 0x0008,
    "swsm": 0x5B50, "tctl": 0x0400, "tdbah": 0x3804, "tdbal": 0x3800, "tdh": 0x3810, "tdlen": 0x3808, "tdt": 0x3818,
    "torh": 0x40C4, "torl": 0x40C0, "toth": 0x40CC, "totl": 0x40C8, "tpr": 0x40D0, "tpt": 0x40D4, "txdctl": 0x3828,
    "wufc": 0x5808, "vet": 0x0038, "rdtr": 0x2820, "radv": 0x282C, "tadv": 0x382C, "itr": 0x00C4,
}
"""Where the registers are that are sent one by one."""

BLOCKS = {"ra": e1000x.RECEIVE_ADDRESSES, "mta": e1000x.MULTICAST_TABLE, "vfta": e1000x.VLAN_TABLE}
"""Where the blocks begin that are sent by themselves."""

PROPERTIES = "ipcss", "ipcso", "ipcse", "tucss", "tucso", "tucse", "paylen", "hdr_len", "mss", "ip", "tcp"
"""Of the packet that is being sent: what to do for it. Once for packets as they are, once for those to be cut up."""

RESET = {
    "ctrl": 0x0014_0240, "status": 0x8008_0783, "ledctl": 0x0602, "manc": 0x0022_2300, "pba": 0x0010_0030,
    "vet": 0x8100,
}
TRANSCEIVER = {
    0: 0x1140, 1: 0x794D, 2: 0x0141, 3: 0x0C20, 4: 0x0DE1, 5: 0x01E0, 9: 0x0E00, 10: 0x3C00, 16: 0x0360, 17: 0xAC00,
    20: 0x0D60,
}
EEPROM = (
    0, 0, 0, 0, 0xFFFF, 0, 0, 0, 0x3000, 0x1000, 0x6403, 0, 0x8086, 0, 0x8086, 0x3040,
    0x0008, 0x2000, 0x7E14, 0x0048, 0x1000, 0x00D8, 0, 0x2700,
    0x6CC9, 0x3150, 0x0722, 0x040B, 0x0984, 0, 0xC000, 0x0706,
    0x1008, 0, 0x0F04, 0x7FFF, 0x4D01, *[0xFFFF] * 11,
    0x0100, 0x4000, 0x121C, *[0xFFFF] * 12, 0,
)


SUBSECTIONS = {"e1000/mit_state": 17, "e1000/full_mac_state": 4 * e1000x.REGISTERS, "e1000/tx_tso_state": 17}
"""Bytes of each, in the order in which they are sent."""


def _registers() -> Packed:
    return e1000x.registers({ADDRESSES[name]: value for name, value in RESET.items()})


@state("e1000", version=2, minimum=1)
class E1000:
    """The card: the packet that is being sent, EEPROM, transceiver, registers."""

    def _is_version_1(self, around: Around) -> bool:
        return around.version == 1

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    _instance_id = unused(4, when=_is_version_1)
    _mmio_base = unused(4)
    rxbuf_size: int = uint32()
    rxbuf_min_shift: int = uint32(reset=1)
    eecd_val_in: int = uint32(name="eecd_state.val_in")
    eecd_bitnum_in: int = uint16(name="eecd_state.bitnum_in")
    eecd_bitnum_out: int = uint16(name="eecd_state.bitnum_out")
    eecd_reading: int = uint16(name="eecd_state.reading")
    eecd_old: int = uint32(name="eecd_state.old_eecd")
    ipcss: int = uint8(name="mig_props.ipcss")
    ipcso: int = uint8(name="mig_props.ipcso")
    ipcse: int = uint16(name="mig_props.ipcse")
    tucss: int = uint8(name="mig_props.tucss")
    tucso: int = uint8(name="mig_props.tucso")
    tucse: int = uint16(name="mig_props.tucse")
    paylen: int = uint32(name="mig_props.paylen")
    hdr_len: int = uint8(name="mig_props.hdr_len")
    mss: int = uint16(name="mig_props.mss")
    tx_size: int = uint16(name="tx.size")
    tso_frames: int = uint16(name="tx.tso_frames")
    sum_needed: int = uint8(name="tx.sum_needed")
    ip: int = int8(name="mig_props.ip")
    tcp: int = int8(name="mig_props.tcp")
    tx_header: bytearray = buffer(256, name="tx.header")
    tx_data: bytearray = buffer(0x10000, name="tx.data")
    eeprom_data: list[int] = array(
        uint16(), e1000x.EEPROM_WORDS, reset=lambda: e1000x.eeprom(EEPROM, DEVICE_ID))
    phy_reg: list[int] = array(
        uint16(), TRANSCEIVER_REGISTERS, reset=[TRANSCEIVER.get(i, 0) for i in range(TRANSCEIVER_REGISTERS)])
    ctrl: int = uint32(name="mac_reg[CTRL]", reset=RESET["ctrl"])
    eecd: int = uint32(name="mac_reg[EECD]")
    eerd: int = uint32(name="mac_reg[EERD]")
    gprc: int = uint32(name="mac_reg[GPRC]")
    gptc: int = uint32(name="mac_reg[GPTC]")
    icr: int = uint32(name="mac_reg[ICR]")
    ics: int = uint32(name="mac_reg[ICS]")
    imc: int = uint32(name="mac_reg[IMC]")
    ims: int = uint32(name="mac_reg[IMS]")
    ledctl: int = uint32(name="mac_reg[LEDCTL]", reset=RESET["ledctl"])
    manc: int = uint32(name="mac_reg[MANC]", reset=RESET["manc"])
    mdic: int = uint32(name="mac_reg[MDIC]")
    mpc: int = uint32(name="mac_reg[MPC]")
    pba: int = uint32(name="mac_reg[PBA]", reset=RESET["pba"])
    rctl: int = uint32(name="mac_reg[RCTL]")
    rdbah: int = uint32(name="mac_reg[RDBAH]")
    rdbal: int = uint32(name="mac_reg[RDBAL]")
    rdh: int = uint32(name="mac_reg[RDH]")
    rdlen: int = uint32(name="mac_reg[RDLEN]")
    rdt: int = uint32(name="mac_reg[RDT]")
    status: int = uint32(name="mac_reg[STATUS]", reset=RESET["status"])
    swsm: int = uint32(name="mac_reg[SWSM]")
    tctl: int = uint32(name="mac_reg[TCTL]")
    tdbah: int = uint32(name="mac_reg[TDBAH]")
    tdbal: int = uint32(name="mac_reg[TDBAL]")
    tdh: int = uint32(name="mac_reg[TDH]")
    tdlen: int = uint32(name="mac_reg[TDLEN]")
    tdt: int = uint32(name="mac_reg[TDT]")
    torh: int = uint32(name="mac_reg[TORH]")
    torl: int = uint32(name="mac_reg[TORL]")
    toth: int = uint32(name="mac_reg[TOTH]")
    totl: int = uint32(name="mac_reg[TOTL]")
    tpr: int = uint32(name="mac_reg[TPR]")
    tpt: int = uint32(name="mac_reg[TPT]")
    txdctl: int = uint32(name="mac_reg[TXDCTL]")
    wufc: int = uint32(name="mac_reg[WUFC]")
    vet: int = uint32(name="mac_reg[VET]", reset=RESET["vet"])
    ra: Packed = array(
        uint32(), ADDRESS_WORDS, packed=True, name="mac_reg",
        reset=[0, e1000x.VALID_ADDRESS, *[0] * (ADDRESS_WORDS - 2)])
    mta: Packed = array(uint32(), MULTICAST_WORDS, packed=True, name="mac_reg")
    vfta: Packed = array(uint32(), VLAN_WORDS, packed=True, name="mac_reg")

    # off up to machine types 1.6, 2.4 (and gone in 11.1), 2.11
    mitigates: bool = setting(True, told=sent_of(SUBSECTIONS, "e1000/mit_state"))
    sends_all_registers: bool = setting(True, told=sent_of(SUBSECTIONS, "e1000/full_mac_state"))
    sends_segmentation: bool = setting(True, told=sent_of(SUBSECTIONS, "e1000/tx_tso_state"))

    @subsection("e1000/mit_state")
    def _mitigates_interrupts(self) -> bool:
        return self.mitigates

    rdtr: int = uint32(name="mac_reg[RDTR]")
    radv: int = uint32(name="mac_reg[RADV]")
    tadv: int = uint32(name="mac_reg[TADV]")
    itr: int = uint32(name="mac_reg[ITR]")
    mit_irq_level: bool = boolean()

    full_mac_section = subsection("e1000/full_mac_state")
    mac_reg: Packed = array(uint32(), e1000x.REGISTERS, packed=True, reset=_registers)

    @full_mac_section.needed
    def _has_all_registers(self) -> bool:
        return self.sends_all_registers

    @full_mac_section.pre_save
    def _take_in(self) -> None:
        for name, address in ADDRESSES.items():
            self.mac_reg[address // 4] = getattr(self, name)
        for name, address in BLOCKS.items():
            block = getattr(self, name)
            self.mac_reg[address // 4 : address // 4 + len(block)] = block

    @full_mac_section.post_load
    def _set_apart(self, version: int) -> None:
        for name, address in ADDRESSES.items():
            setattr(self, name, self.mac_reg[address // 4])
        for name, address in BLOCKS.items():
            size = len(getattr(self, name))
            setattr(self, name, self.mac_reg[address // 4 : address // 4 + size])

    segmentation_came: bool = local(False)

    tso_section = subsection("e1000/tx_tso_state")
    tso_ipcss: int = uint8(name="tx.tso_props.ipcss")
    tso_ipcso: int = uint8(name="tx.tso_props.ipcso")
    tso_ipcse: int = uint16(name="tx.tso_props.ipcse")
    tso_tucss: int = uint8(name="tx.tso_props.tucss")
    tso_tucso: int = uint8(name="tx.tso_props.tucso")
    tso_tucse: int = uint16(name="tx.tso_props.tucse")
    tso_paylen: int = uint32(name="tx.tso_props.paylen")
    tso_hdr_len: int = uint8(name="tx.tso_props.hdr_len")
    tso_mss: int = uint16(name="tx.tso_props.mss")
    tso_ip: int = int8(name="tx.tso_props.ip")
    tso_tcp: int = int8(name="tx.tso_props.tcp")

    @tso_section.needed
    def _has_segmentation(self) -> bool:
        return self.sends_segmentation

    @tso_section.post_load
    def _note_segmentation(self, version: int) -> None:
        self.segmentation_came = True

    @pre_load
    def _forget(self) -> None:
        self.segmentation_came = False

    @post_load
    def _settle(self, version: int) -> None:
        """What absent subsections mean."""
        if not self.mitigates:
            self.rdtr = self.radv = self.tadv = self.itr = 0
            self.mit_irq_level = False
        if not self.segmentation_came:
            for name in PROPERTIES:
                setattr(self, f"tso_{name}", getattr(self, name))
