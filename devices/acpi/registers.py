"""The fixed registers of ACPI by name.

ACPI 6.5 section 4.8.3; names as in QEMU include/hw/acpi/acpi.h.
"""

from vmstate import Register

PM1_EVENTS = Register({1 << 0: "TIMER", 1 << 4: "BUS_MASTER", 1 << 5: "GLOBAL_LOCK", 1 << 8: "POWER_BUTTON",
                       1 << 9: "SLEEP_BUTTON", 1 << 10: "RTC", 1 << 14: "PCIEXP_WAKE", 1 << 15: "WAKE"})
PM1_CONTROL = Register({1 << 0: "SCI_ENABLE", 1 << 1: "BUS_MASTER_RELOAD", 1 << 2: "GLOBAL_LOCK_RELEASE",
                        7 << 10: "SLEEP_TYPE", 1 << 13: "SLEEP_ENABLE"})
