"""AHCI: serial ATA ports, each an IDE bus with one drive; on PCI as the ICH9 has them, or on a board.

QEMU hw/ide/ahci.c, ich.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from vmstate import (
    HookRefused,
    again,
    array,
    boolean,
    equal,
    int32,
    nested,
    post_load,
    pre_save,
    setting,
    state,
    uint8,
    uint32,
    uint64,
)

from ..pci.device import PciDevice
from .ide import IdeBus, IdeDrive, tell_drives

COMMANDS, MOST_PORTS, ICH9_PORTS = 32, 32, 6
NOBODY = -1
START, FIS_RECEIVE, SPIN_UP, POWER_ON = 1 << 0, 1 << 4, 1 << 1, 1 << 2  # of a port's command register
FIS_RUNNING, LIST_RUNNING = 1 << 14, 1 << 15
FPDMA = {0x60, 0x61}
"""Commands that may be queued: READ and WRITE FPDMA QUEUED."""
CAPABILITIES = 1 << 31 | 1 << 30 | 1 << 20 | 1 << 18 | 31 << 8
"""64-bit addresses, queues, 1.5 Gbit/s, AHCI alone, 32 commands; the lowest bits are the number of ports less one."""


def _last_words_say(ahead: memoryview) -> int | None:
    """The number of ports is the record's last word, and the capabilities, six words before it, say the same."""
    if len(ahead) < 28:
        return None
    ports = int.from_bytes(ahead[-4:], "big")
    capabilities = int.from_bytes(ahead[-28:-24], "big")
    return ports if 0 < ports <= MOST_PORTS and (capabilities & 0x1F) + 1 == ports else None


@state("ncq state", version=1, minimum=0)
class NcqTransfer:
    """A queued command. It is sent only when it failed and that stopped the machine."""

    sector_count: int = uint32()
    lba: int = uint64()
    tag: int = uint8()
    cmd: int = uint8()
    slot: int = uint8()
    used: bool = boolean()
    halt: bool = boolean()

    def is_sensible(self) -> bool:
        """Whether it can be taken up again, or is not in use."""
        if not self.halt:
            return not self.used
        return self.used and self.cmd in FPDMA and self.slot == self.tag


@state("ahci port", version=1, minimum=0)
class AhciPort:
    """A port: its registers, its bus and drive, its queued commands."""

    port: IdeBus = nested(IdeBus)
    drive: IdeDrive = nested(IdeDrive, name="port.ifs[0]")
    port_state: int = uint32()
    finished: int = uint32()
    lst_addr: int = uint32(name="port_regs.lst_addr")
    lst_addr_hi: int = uint32(name="port_regs.lst_addr_hi")
    fis_addr: int = uint32(name="port_regs.fis_addr")
    fis_addr_hi: int = uint32(name="port_regs.fis_addr_hi")
    irq_stat: int = uint32(name="port_regs.irq_stat")
    irq_mask: int = uint32(name="port_regs.irq_mask")
    cmd: int = uint32(name="port_regs.cmd", reset=SPIN_UP | POWER_ON)
    tfdata: int = uint32(name="port_regs.tfdata", reset=0x7F)
    sig: int = uint32(name="port_regs.sig", reset=0xFFFF_FFFF)
    scr_stat: int = uint32(name="port_regs.scr_stat")
    scr_ctl: int = uint32(name="port_regs.scr_ctl")
    scr_err: int = uint32(name="port_regs.scr_err")
    scr_act: int = uint32(name="port_regs.scr_act")
    cmd_issue: int = uint32(name="port_regs.cmd_issue")
    done_first_drq: bool = boolean()
    busy_slot: int = int32(reset=NOBODY, means="the command that was interrupted, -1 none")
    init_d2h_sent: bool = boolean()
    ncq_tfs: list[NcqTransfer] = array(nested(NcqTransfer), COMMANDS)

    @pre_save
    def _tell_drive(self) -> None:
        tell_drives(self.port, [self.drive])

    def restart(self, number: int) -> None:
        """After loading: what makes no sense is refused, then the engines run as they are told to."""
        for engine, running, name in ((START, LIST_RUNNING, "command list"), (FIS_RECEIVE, FIS_RUNNING, "FIS")):
            if self.cmd & running and not self.cmd & engine:
                raise HookRefused(f"the {name} engine of port {number} runs, and should not")
        if not all(transfer.is_sensible() for transfer in self.ncq_tfs):
            raise HookRefused(f"a queued command of port {number} cannot be taken up again")
        if not NOBODY <= self.busy_slot < COMMANDS:
            raise HookRefused(f"port {number} is busy with command {self.busy_slot} of {COMMANDS}")
        for engine, running in ((START, LIST_RUNNING), (FIS_RECEIVE, FIS_RUNNING)):
            self.cmd = self.cmd | running if self.cmd & engine else self.cmd & ~running


@state("ahci", version=1, minimum=0)
class Ahci:
    """A controller; how many ports it has comes last."""

    ports: int = setting(ICH9_PORTS, *(n for n in range(1, MOST_PORTS + 1) if n != ICH9_PORTS), told=_last_words_say)
    dev: list[AhciPort] = array(nested(AhciPort), "ports")
    cap: int = uint32(name="control_regs.cap", reset=CAPABILITIES | ICH9_PORTS - 1)
    ghc: int = uint32(name="control_regs.ghc", reset=1 << 31)
    irqstatus: int = uint32(name="control_regs.irqstatus")
    impl: int = uint32(name="control_regs.impl", reset=(1 << ICH9_PORTS) - 1)
    version: int = uint32(name="control_regs.version", reset=0x10000)
    idp_index: int = uint32()
    _number = again("ports", equal(uint32(), hint="both ends need the same number of ports"))

    @post_load
    def _restart(self, version: int) -> None:
        for number, port in enumerate(self.dev):
            port.restart(number)


@state("ich9_ahci", version=1, minimum=0)
class Ich9Ahci:
    """The PCI function."""

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    ahci: Ahci = nested(Ahci)


@state("sysbus-ahci", version=0)
class SysbusAhci:
    """The controller as a board has it."""

    ahci: Ahci = nested(Ahci)
