"""Board management controllers (IPMI): QEMU's own, and what it keeps of one outside.

QEMU hw/ipmi/ipmi_bmc_sim.c, ipmi_bmc_extern.c; checked against QEMU 5.2, 7.2, 10.0. Version 2 is by its description
with 11.1.
"""

from enum import IntEnum, IntFlag

from vmstate import array, boolean, int64, nested, post_load, state, uint8, uint16

ADDRESS, HARDWARE_ADDRESS, EVENT = 4, 6, 16
SENSOR_ENABLED, WATCHDOG_EVENTS = 0xC1, 0x010F


class Enables(IntFlag):
    """What the guest has turned on."""

    RECEIVE_INTERRUPT = 0x01
    EVENT_INTERRUPT = 0x02
    EVENT_BUFFER = 0x04
    EVENT_LOG = 0x08


class MessageFlag(IntFlag):
    """What waits for the guest."""

    RECEIVED = 0x01
    EVENT = 0x02
    WATCHDOG = 0x08


class AddressSource(IntEnum):
    """Where the address of a controller on a network is from."""

    UNSPECIFIED = 0
    STATIC = 1
    DHCP = 2
    BIOS = 3
    OTHER = 4


@state("ipmi-bmc-sim-lan", version=1)
class Lan:
    """What the guest is told of the controller's network."""

    channel: int = uint8()
    ipaddr: list[int] = array(uint8(), ADDRESS)
    ipsrc: int = uint8(means=AddressSource)
    macaddr: list[int] = array(uint8(), HARDWARE_ADDRESS, name="macaddr.a")
    netmask: list[int] = array(uint8(), ADDRESS)
    defgw_ipaddr: list[int] = array(uint8(), ADDRESS)
    defgw_macaddr: list[int] = array(uint8(), HARDWARE_ADDRESS, name="defgw_macaddr.a")


@state("ipmi-bmc-sim", version=2, minimum=1)
class BmcSim:
    """The simulated controller: its watchdog, the event that waits, and the watchdog's sensor."""

    bmc_global_enables: int = uint8(reset=Enables.EVENT_LOG, means=Enables)
    msg_flags: int = uint8(means=MessageFlag)
    watchdog_initialized: bool = boolean()
    watchdog_use: int = uint8()
    watchdog_action: int = uint8(means="0 none, 1 reset, 2 power down, 3 power cycle; from bit 4 on what before")
    watchdog_pretimeout: int = uint8(means="s")
    watchdog_expired: int = uint8()
    watchdog_timeout: int = uint16(means="0.1 s")
    watchdog_running: bool = boolean()
    watchdog_preaction_ran: bool = boolean()
    watchdog_expiry: int = int64(means="ns")
    evtbuf: list[int] = array(uint8(), EVENT)
    sensor_status: int = uint8(reset=SENSOR_ENABLED, name="sensors[0].status")
    sensor_reading: int = uint8(name="sensors[0].reading")
    sensor_states: int = uint16(name="sensors[0].states")
    sensor_assert_states: int = uint16(name="sensors[0].assert_states")
    sensor_deassert_states: int = uint16(name="sensors[0].deassert_states")
    sensor_assert_enable: int = uint16(reset=WATCHDOG_EVENTS, name="sensors[0].assert_enable")
    lan: Lan = nested(Lan, since=2)


@state("ipmi-bmc-extern", version=1)
class BmcExtern:
    """The connection to one outside. A response that was awaited does not come any more; the guest gets an error."""

    send_reset: bool = boolean()
    waiting_rsp: bool = boolean()

    @post_load
    def _answer(self, version: int) -> None:
        self.waiting_rsp = False
