"""User networking: sockets of guest forwards, ping ids, DHCP leases. The library writes this section, not QEMU.

libslirp src/state.c, tcp_subr.c, tcp_timer.h; checked against QEMU 5.2, 7.2, 10.0, and by its size with 11.1.
"""

from vmstate import (
    Around,
    HookRefused,
    array,
    buffer,
    chain,
    int16,
    int32,
    nested,
    post_load,
    state,
    uint8,
    uint16,
    uint32,
)

SOCKET_FOLLOWS = 42
TIMERS, LEASES = 4, 16
IPV4, IPV6, OTHER = 2, 10, 0xFFFF
IPV6_ELSEWHERE = {23, 28}  # of Windows and FreeBSD, from before the numbers were the same everywhere
TICKS = 2  # per second
WIDEST_WINDOW = 0xFFFF << 14


@state("slirp-socket-addr", version=4, minimum=0)
class Address:
    """An IPv4 address; of an IPv6 one only that it is. Both values are those of the fields in network order."""

    def _is_ipv4(self) -> bool:
        return self.family == IPV4

    family: int = uint16(reset=OTHER, name="portable_family", means="2 IPv4, 10 IPv6, 65535 other")
    address: int = uint32(when=_is_ipv4, name="sin.sin_addr.s_addr")
    port: int = uint16(when=_is_ipv4, name="sin.sin_port")

    @post_load
    def _know_family(self, version: int) -> None:
        if self.family in IPV6_ELSEWHERE:
            self.family = IPV6
        elif self.family not in (IPV4, IPV6):
            raise HookRefused(f"no address family {self.family:#x}")


@state("slirp-sbuf", version=0)
class SocketBuffer:
    """Bytes on their way, and where in the ring they are written and read."""

    cc: int = uint32(name="sb_cc", means="bytes in the ring")
    datalen: int = uint32(name="sb_datalen", means="size of the ring")
    woff: int = uint32()
    roff: int = uint32()
    data: bytearray = buffer("datalen", name="sb_data")

    @post_load
    def _is_inside(self, version: int) -> None:
        if max(self.woff, self.roff) >= self.datalen:
            raise HookRefused(f"offsets {self.roff} and {self.woff} in a buffer of {self.datalen}")


@state("slirp-tcp", version=0)
class Tcp:
    """A TCP control block after 4.4BSD."""

    state: int = int16(name="t_state")
    timers: list[int] = array(int16(), TIMERS, name="t_timer")
    rxtshift: int = int16(name="t_rxtshift")
    rxtcur: int = int16(name="t_rxtcur", reset=6 * TICKS)
    dupacks: int = int16(name="t_dupacks")
    maxseg: int = uint16(name="t_maxseg", reset=1460)
    force: int = uint8(name="t_force")
    flags: int = uint16(name="t_flags")
    snd_una: int = uint32()
    snd_nxt: int = uint32()
    snd_up: int = uint32()
    snd_wl1: int = uint32()
    snd_wl2: int = uint32()
    iss: int = uint32()
    snd_wnd: int = uint32()
    rcv_wnd: int = uint32()
    rcv_nxt: int = uint32()
    rcv_up: int = uint32()
    irs: int = uint32()
    rcv_adv: int = uint32()
    snd_max: int = uint32()
    snd_cwnd: int = uint32(reset=WIDEST_WINDOW)
    snd_ssthresh: int = uint32(reset=WIDEST_WINDOW)
    idle: int = int16(name="t_idle")
    rtt: int = int16(name="t_rtt")
    rtseq: int = uint32(name="t_rtseq")
    srtt: int = int16(name="t_srtt")
    rttvar: int = int16(name="t_rttvar", reset=12 * TICKS)
    rttmin: int = uint16(name="t_rttmin", reset=TICKS)
    max_sndwnd: int = uint32()
    oobflags: int = uint8(name="t_oobflags")
    iobc: int = uint8(name="t_iobc")
    softerror: int = int16(name="t_softerror")
    snd_scale: int = uint8()
    rcv_scale: int = uint8()
    request_r_scale: int = uint8()
    requested_s_scale: int = uint8()
    ts_recent: int = uint32()
    ts_recent_age: int = uint32()
    last_ack_sent: int = uint32()


@state("slirp-socket", version=4, minimum=0)
class Socket:
    """A guest's connection to a forward. Before version 4 both addresses were IPv4, and their ports came last."""

    def _is_old(self, around: Around) -> bool:
        return around.version < 4

    urgc: int = uint32(name="so_urgc")
    faddr: int = uint32(when=_is_old, name="so_faddr.s_addr")
    laddr: int = uint32(when=_is_old, name="so_laddr.s_addr")
    fport: int = uint16(when=_is_old, name="so_fport")
    lport: int = uint16(when=_is_old, name="so_lport")
    fhost: Address = nested(Address, since=4)
    lhost: Address = nested(Address, since=4)
    iptos: int = uint8(name="so_iptos")
    emu: int = uint8(name="so_emu")
    type: int = uint8(name="so_type")
    state: int = int32(name="so_state")
    rcv: SocketBuffer = nested(SocketBuffer, name="so_rcv")
    snd: SocketBuffer = nested(SocketBuffer, name="so_snd")
    tcp: Tcp = nested(Tcp, name="so_tcpcb")

    @post_load
    def _take_old(self, version: int) -> None:
        if version < 4:
            self.fhost = Address(family=IPV4, address=self.faddr, port=self.fport)
            self.lhost = Address(family=IPV4, address=self.laddr, port=self.lport)


@state("slirp_bootpclient", version=0)
class Lease:
    """A DHCP client."""

    allocated: int = uint16()
    macaddr: bytearray = buffer(6)


@state("slirp", version=4, minimum=0, by_hand=True)
class Slirp:
    """One user network. Both ends have the same forwards: a socket without one is refused by QEMU."""

    sockets: list[Socket] = chain(nested(Socket, version="outer"), marker=SOCKET_FOLLOWS)
    ip_id: int = uint16(since=2, means="identification of the next packet")
    leases: list[Lease] = array(nested(Lease), LEASES, since=3, name="bootp_clients")
