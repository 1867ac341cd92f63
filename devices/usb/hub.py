"""USB hub.

QEMU hw/usb/dev-hub.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from enum import IntFlag

from vmstate import array, local, nested, state, subsection, timer, uint16

from .device import UsbDevice

MOST_PORTS = 8


class PortStatus(IntFlag):
    """Of a port; of its changes there are the first five."""

    CONNECTION = 0x0001
    ENABLE = 0x0002
    SUSPEND = 0x0004
    OVERCURRENT = 0x0008
    RESET = 0x0010
    POWER = 0x0100
    LOW_SPEED = 0x0200
    HIGH_SPEED = 0x0400
    TEST = 0x0800
    INDICATOR = 0x1000


@state("usb-hub-port")
class HubPort:
    """What is on a port, and what the guest has not acknowledged yet."""

    status: int = uint16(name="wPortStatus", reset=PortStatus.POWER, means=PortStatus)
    change: int = uint16(name="wPortChange", means=PortStatus)


@state("usb-hub")
class UsbHub:
    """Its ports: all eight are sent, however many it has."""

    dev: UsbDevice = nested(UsbDevice)
    ports: list[HubPort] = array(nested(HubPort), MOST_PORTS)

    port_power: bool = local(False)  # port-power=: the guest may switch ports off. What comes with the timer has it

    timer_section = subsection("usb-hub/port-timer")
    port_timer: int | None = timer()

    @timer_section.needed
    def _switches_power(self) -> bool:
        return self.port_power

    @timer_section.post_load
    def _can_switch_power(self, version: int) -> None:
        self.port_power = True
