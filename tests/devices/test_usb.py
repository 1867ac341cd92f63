"""USB controllers and devices: bodies out of streams of QEMU 5.2 to 11.1, and what hooks and lengths make of them.

A boot sector read a stick over and over; a client that was a keyboard had its device redirected.
"""

import zlib
from base64 import b85decode
from typing import Any

import pytest

from devices.catalogue import registry
from devices.usb.ccid import PassthroughCard, UsbCcid
from devices.usb.device import DeviceState
from devices.usb.ehci import Ehci, EhciCore, EhciSysbus, Schedule
from devices.usb.hid import Pointer, PointerEvent, UsbKeyboard, UsbPointer
from devices.usb.host import U2fKey, U2fPassthrough, UsbHost
from devices.usb.hub import UsbHub
from devices.usb.ohci import Ohci
from devices.usb.redir import BufferedPacket, Bytes, Capability, Endpoint, Parser, ParserState, UsbRedirection
from devices.usb.storage import Mode, UsbStorage
from devices.usb.uhci import Uhci
from devices.usb.xhci import VECTORS, Xhci, XhciInterrupter, XhciPort, XhciSlot, XhciSysbus
from migration.replica import Stream
from migration.sections import Section
from migration.stream.events import Trailer
from tests.interop.rewriting import rewritten
from tests.migration.recorded import stream
from tests.vmstate.exercise import chance, refusal
from visitors import json, qemufile, tree
from vmstate import VMStateError, convert, decode, encode, load, record_of, save

PACKED: dict[str, tuple[type[Any], str]] = {
    "uhci 7.2": (Uhci, (
        "c-muNU|?!%P$*z$WME)qVCG@K0vHb<*k7a=1d-*qSQrQb0fb2mGy(n8HI9j)ouPr@AlSjF41XUmIDmzxyY2J<(G&Mh{sf`{4^j<1")),
    "ehci 10.0": (Ehci, (
        "c-muNU|?!%IIF_W$iN_=z|6w{0uT28W55BvNHGW^^SM|U2m%EK2+atg4loRMz`<Y$3<MrjL7oCI_4fl1zlVB9fE9=tFfjwej5HPvFzvI^8={"
        "~2B^dvG&jiv70ELwky#")),
    "ehci-sysbus 5.2": (EhciSysbus, "c-mv&U;qLE2ExDqsty(ZhXPc!%r77q0suMR3TF"),
    "ohci 11.1": (Ohci, (
        "c-rmSy9&ZU5Czb?#s^3+ieO=7B|(V+#adAC2Sl)!h(RO}MJ)3fc9ynwDfLe*Z7pnl>_U7rb`~P{z%aAJFvZjhAU4UikP-m0nhxc(yW)d$5xM"
        "twTHr4k<w8TIP)1xvH&D&X?KO~D?O*kJtI}pEY6pRZsw*~-H05!%=TuI}TAk}FCky+%cIT+J$AAF38TB8_OZ8f_3L+vRA|fIpA|fIpA|fIp`"
        "hAJKHy*my(DNPJ@kZ9%ojN|EUjRmPFuMb@nj3u")),
    "xhci 5.2": (Xhci, (
        "c-rmKOA5j;5C-6X(tuVJQ&*xJkI<F4?1?->E+7<7(3^NESH)P(LvUd!;-=vLK^~Kt5ZVNQ+HV(_h=G*Z98cO_?&xvdpzvdz;+bGjiSHE6GHy"
        "D=*x(G<l+&T#{eB7&5fKp)5fQz}f5vK+L8+#%iHzoA1kP1q=GygJ#<jjTA3ky54}j$?A78m&oW_@Z%j4*5%7yo@PxY}&Qe7nvF3BS@")),
    "xhci 10.0, conventional": (Xhci, (
        "c-rmKI|>3Z6a~=x@*MmiPR4RpF<@gQF2yCd1WQW`7vN5GQ5G^7HJPLk@q>*Fcn{?B@@}dGfSK5>bj3m|9m4Az_7}WxEK!7Ylj?!sqw1l~uzs"
        "5_mU+B11rZSu5fKp){eb*uZOjg4tiVX){`nBEB@ZNUZr<!%eY)$rI?UFO{JWP1<BYd29u9l)XP^6Vb*t2C{(n}^^qQpHLT+soBS-")),
    "xhci-sysbus 11.1, microvm": (XhciSysbus, "c-muNVp_m}7xO)YU>x#;88DJ80R#V`04@Lkk>nE9"),
    "xhci-sysbus 7.2, xlnx-zcu102": (XhciSysbus, "c-muNVp_m}4-*263?zX8QclpE|4;xI006k44IT"),
    "xhci-sysbus 10.0, imx8mp-evk": (XhciSysbus, "c-muNVp_le!h`@L$r3Q|9}3_C0Q$)ZLj"),
    "usb-hub 5.2": (UsbHub, "c-muRU|?WoKmZmHUJPciFfcMR2r~lNFpLgZg-VN)bTdkm^b7KfN_0yyb5n~zO8-Lv0QKe%+5"),
    "usb-ptr 5.2": (UsbPointer, "c-muTU|?WoKm&^045I)Y001|u05b"),
    "usb-kbd 10.0": (UsbKeyboard, "c-muNU|?WmzzyUWC<pk=X8-^Uc>o~"),
    "usb-storage 10.0": (UsbStorage, "c-muRU|?WoKmbM%Uic5jWME=oaDYlVFrWYcMm7Q|"),
    "usb-ccid 7.2": (UsbCcid, (
        "c-rmIs}TZG3<c2p_QMW?fT05f4It3l2z6kAN~ncOsAQLi0*^tQBW{vORLW(MCOKu<oKi}jhh>+vtE4;bHYGzza$na-?JoOTAGMkCF?A)|x}E"
        "2GQ-=Q9j+ux4){M!}x9<V~000000000000000000000000000000000000000000000000000000000000000000000000000000000KlIq-"
        "^2MGlcxXx0Q{hR0p{EdhX")),
    "ccid-card-passthru 7.2": (PassthroughCard, (
        "c-rmCp%s826aYXX&0wMVoP)7k;IF_;6c%6|F_PTiE?-Ij000000000000000000000000000000000000000000000000000000000000000"
        "000000000000006MnSyr_7>hX;G%)jsW0QYeR9{")),
    "usb-redir 10.0, part of a packet": (UsbRedirection, (
        "c-muRU|?WofB+UK&7jD|zyYHFLjjQKY#0y}>I_x%ABhG50U%BXVjdt)Ml!4sXbdx|(HsmY;6DQf7!^VWXyL`o1r}mN2)q~#FLVG39X53aMn)"
        "J1FJLAh&q$#>06_{Xi~")),
    "usb-redir 5.2, packets ahead": (UsbRedirection, (
        "c-muRU|?WofB+UK&7jD|zyYHFLjjPfV;B$=ssmN@ABn~VI8eD*l#UAF2`^?Yun;36W}pg0&@_mm@x{>i;xGeWjD|Nl0EI4_Is+pkjDr_26Od"
        "=5P#yrM94cM")),
    "usb-redir 11.1, one in flight": (UsbRedirection, (
        "c-muRU|?WofB+UC<^VAo*ccc=%>PgT6w)ya2nyAKD*6wl|1sbO9H`v?m?}nv@PrpL*Ju#p4KE;I1e1S%fEjG+42+BjQ9OW|fIK6G@&G+9D^U")),
    "usb-redir 7.2, streams": (UsbRedirection, (
        "c-muRU|?WofB+UK&7jD|zyYHFLjjPfV;B$=ssmN@ABn~VI8eD*l#UAF2`^?Yun;3c;03E>X>pQnQEEzNk#1^%esM`rYGST#aY<rHDg#8Nz-W"
        "-715mKAsWUJ#!Z>&VGXZ%<3grQor!%V")),
    "usb-host 5.2": (UsbHost, "c-muNzykmP9RL9"),
}
BODIES = {name: (kind, zlib.decompress(b85decode(packed))) for name, (kind, packed) in PACKED.items()}
ONE_SHAPE = [name for name in BODIES if not name.startswith("xhci")]


def body(name: str) -> Any:
    """What is in it."""
    kind, data = BODIES[name]
    return decode(kind, data, qemufile).state


@pytest.mark.parametrize("name", BODIES)
class TestBody:
    def test_is_read_and_written_again(self, name: str) -> None:
        kind, data = BODIES[name]
        found = decode(kind, data, qemufile)
        assert encode(found, qemufile) == data
        document = encode(found, tree)
        assert encode(decode(kind, document, tree), qemufile) == data
        assert convert(data, kind, qemufile, tree) == document
        assert encode(decode(kind, encode(found, json), json), qemufile) == data

    def test_live(self, name: str) -> None:
        kind, data = BODIES[name]
        settings = decode(kind, data, qemufile).settings
        assert save(load(kind(), data, qemufile, settings=settings), qemufile) == data

    def test_mutated_bytes(self, name: str) -> None:
        kind, data = BODIES[name]
        pick, settings = chance(name), decode(kind, data, qemufile).settings
        for _ in range(30):
            mutated = bytearray(data)
            for _ in range(pick.randint(1, 3)):
                mutated[pick.randrange(len(mutated))] = pick.choice([0, 1, 2, 4, 8, 0x80, 0xFF, pick.randrange(256)])
            refusal(kind, bytes(mutated), settings=settings)


@pytest.mark.parametrize("name", ONE_SHAPE)
def test_no_part_of_a_body_is_one(name: str) -> None:
    kind, data = BODIES[name]
    for n in {*range(0, len(data), 1 + len(data) // 40), len(data) - 1}:
        assert refusal(kind, data[:n]) is not None
    assert refusal(kind, data + b"\0") is not None


@pytest.mark.parametrize("without", [(), (Trailer,)])
def test_a_stream_with_hub_and_devices(without: tuple[type[Any], ...]) -> None:
    data = stream("usb-uhci-72")
    read = Stream(rewritten(data, without=without), registry())
    read.sections.comparing = True
    found = [(one.header.name, one.source, one.findings) for one in read.events()
             if isinstance(one, Section) and one.header.name.startswith("0000:00:01.2/")]
    assert found == [(f"0000:00:01.2/{name}", "declared", [])
                     for name in ("uhci", "1/usb-hub", "1.1/usb-ptr", "1.2/usb-kbd", "2/usb-ptr")]


# -- new ones

@pytest.mark.parametrize(("name", "size"), [("usb-host 5.2", 29), ("usb-redir 11.1, one in flight", 799)])
def test_what_its_other_end_brings_is_not_plugged_in(name: str, size: int) -> None:
    """As QEMU sends them where nobody is connected: all zeros, but for a timer."""
    data = save(BODIES[name][0](), qemufile)
    assert data == bytes(29) + (b"\xff" * 8 + bytes(size - 37) if size > 29 else b"")


def test_others_are() -> None:
    assert UsbKeyboard().dev.attached
    assert save(UsbKeyboard(), qemufile) == b"\0\0\0\0\1" + bytes(124)
    assert not UsbHost().parent.attached


@pytest.mark.parametrize(("kind", "size"), [(U2fKey, 29 + 2052), (U2fPassthrough, 29 + 2052), (UsbCcid, 73080)])
def test_sizes_as_qemu_dumps_them(kind: type[Any], size: int) -> None:
    assert len(save(kind(), qemufile)) == size


# -- controllers

def test_ehci_is_saved_in_whole_frames() -> None:
    core = EhciCore(frindex=0x1239, last_run_ns=1_000_000_000)
    data = save(core, qemufile)
    assert (core.frindex, core.last_run_ns) == (0x1238, 999_875_000)
    assert save(load(EhciCore(), data, qemufile), qemufile) == data
    assert body("ehci 10.0").ehci.frindex % 8 == 0


def test_schedules_rest_at_first() -> None:
    assert (EhciCore().astate, EhciCore().pstate) == (Schedule.INACTIVE, Schedule.INACTIVE)
    board = body("ehci-sysbus 5.2").ehci
    assert (board.astate, board.port_0, board.port_5) == (Schedule.INACTIVE, 0x3000, EhciSysbus().ehci.port_5)


def test_an_early_ehci() -> None:
    """Version 1 of the function had no controller yet; the record within goes by its own version."""
    data = save(Ehci(), qemufile)
    assert decode(Ehci, data[:276], qemufile, version=1).state == Ehci()


@pytest.mark.parametrize(("version", "missing"), [(3, 0), (2, 4), (1, 12)])
def test_uhci_of_three_versions(version: int, missing: int) -> None:
    data = BODIES["uhci 7.2"][1]
    assert decode(Uhci, data[:len(data) - missing], qemufile, version=version).version == version


def test_a_controller_has_two_ports() -> None:
    data = bytearray(BODIES["uhci 7.2"][1])
    data[276] = 6
    with pytest.raises(VMStateError, match="two ports"):
        load(Uhci(), bytes(data), qemufile)


def test_ohci_runs_or_does_not() -> None:
    core = body("ohci 11.1").core
    assert core.eof_timer == core.sof_time + 1_000_000
    stopped = Ohci()
    assert len(save(stopped, qemufile)) == len(BODIES["ohci 11.1"][1]) - 33
    stopped.core.eof_timer = 1
    assert len(save(stopped, qemufile)) == len(BODIES["ohci 11.1"][1])


# -- how much an xHCI has

@pytest.mark.parametrize(("name", "vectors", "ports", "slots"), [
    ("xhci 5.2", 16, 8, 64),
    ("xhci 10.0, conventional", 16, 10, 64),
    ("xhci-sysbus 11.1, microvm", 1, 16, 64),
    ("xhci-sysbus 7.2, xlnx-zcu102", 4, 8, 2),
    ("xhci-sysbus 10.0, imx8mp-evk", 1, 2, 2),
])
def test_bytes_tell_how_much_there_is(name: str, vectors: int, ports: int, slots: int) -> None:
    kind, data = BODIES[name]
    told = {"numintrs": vectors, "xhci.numports": ports, "xhci.numslots": slots}
    assert decode(kind, data, qemufile).settings.items() >= told.items()


def xhci(vectors: int, ports: int, slots: int) -> XhciSysbus:
    """A new one of this size."""
    made = XhciSysbus(numintrs=vectors)
    made.xhci.numports, made.xhci.numslots = ports, slots
    made.xhci.ports = [XhciPort() for _ in range(ports)]
    made.xhci.slots = [XhciSlot() for _ in range(slots)]
    made.xhci.intr = [XhciInterrupter() for _ in range(vectors)]
    return made


@pytest.mark.parametrize("vectors", VECTORS)
@pytest.mark.parametrize("slots", [1, 2, 17, 48, 63, 64])
def test_any_size_is_told(vectors: int, slots: int) -> None:
    for ports in (1, 2, 7, 8, 30):
        data = save(xhci(vectors, ports, slots), qemufile)
        assert decode(XhciSysbus, data, qemufile).settings == {
            "numintrs": vectors, "xhci.numports": ports, "xhci.numslots": slots}


@pytest.mark.parametrize("off", [[0], [7], [3, 4], [6, 7], list(range(8))])
def test_ports_without_power_are_counted(off: list[int]) -> None:
    made = xhci(16, 8, 64)
    for number in off:
        made.xhci.ports[number].portsc = 0
    assert decode(XhciSysbus, save(made, qemufile), qemufile).settings["xhci.numports"] == 8


def test_what_is_no_xhci() -> None:
    data = BODIES["xhci 5.2"][1]
    for odd in (data + bytes(100), data[:-1], data[:4300], bytes(6000)):
        assert refusal(Xhci, odd) is not None


# -- devices

def test_a_hub_that_switches_power_has_a_timer() -> None:
    hub = body("usb-hub 5.2")
    assert [one.status for one in hub.ports] == [0x103, 0x100, 0x100, 0x100, 0, 0, 0, 0]
    hub = load(UsbHub(), BODIES["usb-hub 5.2"][1], qemufile)
    assert hub.port_power
    hub.port_power = False
    assert len(save(hub, qemufile)) == 61


@pytest.mark.parametrize("relative", [True, False])
def test_of_a_full_queue_the_last_event_is_kept(relative: bool) -> None:
    full = Pointer(head=3, n=16, queue=[
        PointerEvent(xdx=i, ydy=-i, dz=1, buttons_state=i & 7) for i in range(16)])
    got = load(Pointer(relative=relative), save(full, qemufile), qemufile)
    assert (got.head, got.n, got.queue[0].dz, got.queue[0].buttons_state) == (0, 1, 1, 3)
    assert (got.queue[0].xdx, got.queue[0].ydy) == ((0, 0) if relative else (3, -3))
    full.n = 15
    assert load(Pointer(), save(full, qemufile), qemufile) == full


def test_keys_that_the_guest_has_not_asked_for() -> None:
    hid = body("usb-kbd 10.0").hid
    assert (hid.keycodes[:hid.n], hid.head) == ([0x1E], 0)


def test_a_read_that_is_under_way() -> None:
    stick = body("usb-storage 10.0")
    assert (stick.mode, stick.scsi_len, stick.data_len) == (Mode.DATA_IN, 0x4000, 0x4000)


def test_a_reader_of_cards() -> None:
    reader = body("usb-ccid 7.2")
    assert reader.state_vmstate == DeviceState.DEFAULT
    assert reader.parameters == UsbCcid().parameters
    assert body("ccid-card-passthru 7.2") == PassthroughCard()


# -- redirection

def test_a_packet_that_has_come_in_part() -> None:
    parser = body("usb-redir 10.0, part of a packet").parser
    assert parser.state.peer_can == Capability(0xFF)
    assert parser.state.header.data == bytes.fromhex("67000000 0c000000 6300000000000000")
    assert (parser.state.type_header.data, parser.state.data.data) == (b"\x81\0\x08\0", b"\0\0\4")


def test_packets_that_the_client_has_sent_ahead() -> None:
    endpoint = body("usb-redir 5.2, packets ahead").endpoint[17]
    assert endpoint.bufpq.count == len(endpoint.bufpq.packets) == 4
    assert [one.data[2] for one in endpoint.bufpq.packets] == [20, 21, 22, 23]


def test_packets_in_flight() -> None:
    assert body("usb-redir 11.1, one in flight").already_in_flight.queue.ids == [0xFDF800]
    assert body("usb-redir 7.2, streams").endpoint[17].max_streams == 16


def test_numbers_follow_from_what_there_is() -> None:
    state = ParserState(our_caps=Bytes(data=bytearray(4)), writes=[Bytes(data=bytearray(b"abc"))])
    device = UsbRedirection(parser=Parser(size=1, state=state))
    device.endpoint[5] = Endpoint(max_packet_size=8, bulk_receiving_started=1)
    device.endpoint[5].bufpq.packets.append(BufferedPacket(data=bytearray(9)))
    device.cancelled.queue.ids += [7, 8]
    data = save(device, qemufile)
    again = load(UsbRedirection(), data, qemufile)
    assert again == device
    assert save(again, qemufile) == data
    assert again.parser.size == again.parser.state.total == 16 + 6 * 4 + 7


def test_what_qemu_refuses() -> None:
    data = bytearray(BODIES["usb-redir 10.0, part of a packet"][1])
    at = data.index(b"1PRU")
    for place, match in ((at, "expected"), (at + 4, "as long as it says"), (at - 1, "as long as it says")):
        odd = data.copy()
        odd[place] ^= 1
        with pytest.raises(VMStateError, match=match):
            load(UsbRedirection(), bytes(odd), qemufile)
    endpoint = Endpoint(bulk_receiving_started=1)
    broken = UsbRedirection(parser=Parser(size=1))
    broken.endpoint[17] = endpoint
    with pytest.raises(VMStateError, match="endpoint 17"):
        load(UsbRedirection(), save(broken, qemufile), qemufile)


def test_numbers_do_not_size_what_is_not_there() -> None:
    data = bytearray(BODIES["usb-redir 5.2, packets ahead"][1])
    at = data.index(b"1PRU") + 8
    data[at:at + 4] = b"\xff\xff\xff\x7f"
    error = refusal(UsbRedirection, bytes(data))
    assert error is not None
    assert error.offset == at + 4


def test_each_has_its_name() -> None:
    for name, (kind, _) in BODIES.items():
        assert registry().named(name.split(" ")[0]) == [record_of(kind)]
