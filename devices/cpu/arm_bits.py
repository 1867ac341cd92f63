"""The bits of an Arm processor's status register by name.

Arm ARM (DDI 0487): C5.2 for PSTATE, G1.9 for CPSR; as QEMU target/arm/machine.c of 10.0 sends them.
"""

from vmstate import Register, Told

IS_32_BITS = 0x10
FLAGS = {1 << 31: "N", 1 << 30: "Z", 1 << 29: "C", 1 << 28: "V"}
MODES = (*16 * ("",), "User", "FIQ", "IRQ", "Supervisor", "", "", "Monitor", "Abort", "", "", "Hyp", "Undefined", "",
         "", "", "System")
CPSR = Register({
    0x1F: MODES, **FLAGS, 1 << 27: "Q", 1 << 24: "J", 1 << 23: "SSBS", 1 << 22: "PAN", 1 << 21: "DIT", 1 << 20: "IL",
    0xF << 16: "GE", 0x0600_FC00: "", 1 << 9: "E", 1 << 8: "A", 1 << 7: "I", 1 << 6: "F", 1 << 5: "T"})
LEVELS = ("EL0t", "", "", "", "EL1t", "EL1h", "", "", "EL2t", "EL2h", "", "", "EL3t", "EL3h", "", "")
PSTATE = Register({
    0x1F: LEVELS, **FLAGS, 1 << 25: "TCO", 1 << 24: "DIT", 1 << 23: "UAO", 1 << 22: "PAN", 1 << 21: "SS", 1 << 20: "IL",
    1 << 13: "ALLINT", 1 << 12: "SSBS", 3 << 10: "BTYPE", 1 << 9: "D", 1 << 8: "A", 1 << 7: "I", 1 << 6: "F"})


def status(value: int) -> list[Told]:
    """CPSR; PSTATE of a processor that is in its state of 64 bits. Of an M profile it is another register."""
    return (CPSR if value & IS_32_BITS else PSTATE).told(value)
