"""VMware's paravirtual ethernet, vmxnet3.

QEMU hw/net/vmxnet3.c; checked against QEMU 5.2, 7.2, 10.0, 11.1.
"""

from enum import IntFlag

from vmstate import (
    HookRefused,
    array,
    boolean,
    buffer,
    nested,
    post_load,
    pre_save,
    state,
    subsection,
    uint8,
    uint16,
    uint32,
    uint64,
)

from ..pci.device import PciDevice
from ..pci.msix import Msix, MsixOwner

TRANSMIT_QUEUES, RECEIVE_QUEUES, RECEIVE_RINGS = 8, 8, 2
INTERRUPTS, VLAN_WORDS, ADDRESS = 25, 128, 6
LINK = 1000 << 16 | 1


class RxMode(IntFlag):
    """What is received."""

    UCAST = 0x01
    MCAST = 0x02
    BCAST = 0x04
    ALL_MULTI = 0x08
    PROMISC = 0x10


@state("vmxnet3-ring", version=0)
class Ring:
    """A ring of descriptors in the guest's memory."""

    pa: int = uint64(means="where it is")
    size: int = uint32(means="number of descriptors")
    cell_size: int = uint32(means="bytes of one")
    next: int = uint32()
    gen: int = uint8(means="generation: which descriptors are new")


@state("vmxnet3-tx-stats", version=0)
class TransmitStatistics:
    """What a queue has sent."""

    tso_pkts_tx_ok: int = uint64(name="TSOPktsTxOK")
    tso_bytes_tx_ok: int = uint64(name="TSOBytesTxOK")
    ucast_pkts_tx_ok: int = uint64(name="ucastPktsTxOK")
    ucast_bytes_tx_ok: int = uint64(name="ucastBytesTxOK")
    mcast_pkts_tx_ok: int = uint64(name="mcastPktsTxOK")
    mcast_bytes_tx_ok: int = uint64(name="mcastBytesTxOK")
    bcast_pkts_tx_ok: int = uint64(name="bcastPktsTxOK")
    bcast_bytes_tx_ok: int = uint64(name="bcastBytesTxOK")
    pkts_tx_error: int = uint64(name="pktsTxError")
    pkts_tx_discard: int = uint64(name="pktsTxDiscard")


@state("vmxnet3-rx-stats", version=0)
class ReceiveStatistics:
    """What a queue has received."""

    lro_pkts_rx_ok: int = uint64(name="LROPktsRxOK")
    lro_bytes_rx_ok: int = uint64(name="LROBytesRxOK")
    ucast_pkts_rx_ok: int = uint64(name="ucastPktsRxOK")
    ucast_bytes_rx_ok: int = uint64(name="ucastBytesRxOK")
    mcast_pkts_rx_ok: int = uint64(name="mcastPktsRxOK")
    mcast_bytes_rx_ok: int = uint64(name="mcastBytesRxOK")
    bcast_pkts_rx_ok: int = uint64(name="bcastPktsRxOK")
    bcast_bytes_rx_ok: int = uint64(name="bcastBytesRxOK")
    pkts_rx_out_of_buf: int = uint64(name="pktsRxOutOfBuf")
    pkts_rx_error: int = uint64(name="pktsRxError")


@state("vmxnet3-txq-descr", version=0)
class TransmitQueue:
    """A queue that sends: its ring, and that of what is done."""

    tx_ring: Ring = nested(Ring)
    comp_ring: Ring = nested(Ring)
    intr_idx: int = uint8(means="its interrupt")
    tx_stats_pa: int = uint64()
    txq_stats: TransmitStatistics = nested(TransmitStatistics)


@state("vmxnet3-rxq-descr", version=0)
class ReceiveQueue:
    """A queue that receives: heads, bodies, and the ring of what is done."""

    rx_ring: list[Ring] = array(nested(Ring), RECEIVE_RINGS)
    comp_ring: Ring = nested(Ring)
    intr_idx: int = uint8(means="its interrupt")
    rx_stats_pa: int = uint64()
    rxq_stats: ReceiveStatistics = nested(ReceiveStatistics)


@state("vmxnet3-int-state", version=0)
class InterruptState:
    """An interrupt."""

    is_masked: bool = boolean(reset=True)
    is_pending: bool = boolean()
    is_asserted: bool = boolean()


@state("vmxnet3", version=1)
class Vmxnet3(MsixOwner):
    """The card: its queues, interrupts and filters. Only the queues that the guest has set up mean something."""

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    msix: Msix = nested(Msix, name="parent_obj")
    rx_packets_compound: bool = boolean(means="heads and bodies of packets go to different rings")
    rx_vlan_stripping: bool = boolean()
    lro_supported: bool = boolean()
    rx_mode: int = uint32(means=RxMode)
    mcast_list_len: int = uint32(means="number of addresses")
    mcast_list_buff_size: int = uint32(means="their bytes")
    vlan_table: list[int] = array(uint32(), VLAN_WORDS)
    mtu: int = uint32()
    max_rx_frags: int = uint16()
    max_tx_frags: int = uint32()
    event_int_idx: int = uint8(means="the interrupt of events")
    auto_int_masking: bool = boolean()
    txq_num: int = uint8(means="queues that send")
    rxq_num: int = uint8(means="queues that receive")
    device_active: int = uint32()
    last_command: int = uint32()
    link_status_and_speed: int = uint32(reset=LINK, means="bit 0 the link is up, from bit 16 on its Mbit/s")
    temp_mac: int = uint32(means="the first half of a network address that is being set")
    drv_shmem: int = uint64(means="what the driver shares")
    temp_shared_guest_driver_memory: int = uint64(means="the lower half of that address while it is being set")
    txq_descr: list[TransmitQueue] = array(nested(TransmitQueue), TRANSMIT_QUEUES)
    rxq_descr: list[ReceiveQueue] = array(nested(ReceiveQueue), RECEIVE_QUEUES)
    interrupt_states: list[InterruptState] = array(nested(InterruptState), INTERRUPTS)

    _multicast = subsection("vmxnet3/mcast_list")  # always
    mcast_list: bytearray = buffer("mcast_list_buff_size")

    @property
    def function(self) -> PciDevice:
        """The PCI function, whose capability tells how large the MSI-X table is."""
        return self.parent

    @pre_save
    def _count_addresses(self) -> None:
        self.mcast_list_buff_size = self.mcast_list_len * ADDRESS

    @post_load
    def _is_possible(self, version: int) -> None:
        for number, most, what in ((self.txq_num, TRANSMIT_QUEUES, "send"), (self.rxq_num, RECEIVE_QUEUES, "receive")):
            if number > most:
                raise HookRefused(f"{number} queues that {what}, of {most}")
        most = INTERRUPTS if self.parent.msix_vectors else 1
        sending = [one.intr_idx for one in self.txq_descr[: self.txq_num]]
        receiving = [one.intr_idx for one in self.rxq_descr[: self.rxq_num]]
        for index in (self.event_int_idx, *sending, *receiving):
            if index >= most:
                raise HookRefused(f"interrupt {index} of {most}")
