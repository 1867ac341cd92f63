"""Displays: bodies out of streams of QEMU 5.2 to 11.1, and what lengths and hooks make of them.

A program in ROM had set them up, and had virtio-gpu show two pictures.
"""

from typing import Any

import pytest

from devices.display.bochs import BochsDisplay
from devices.display.cirrus import PciCirrus
from devices.display.qxl import SLOTS, Mode, Qxl
from devices.display.ramfb import RamfbDevice
from devices.display.vga import IsaVga, PciVga, Vga
from devices.display.virtio_gpu import Blob, Format, MemoryEntry, Picture, Scanout, VirtioGpu, VirtioVga
from devices.display.vmware import VmwareVga
from tests.devices.bodies import is_read_and_written_again, loaded, survives_mutation, unpacked
from visitors import qemufile
from vmstate import VMStateError, decode, encode, load, save

PACKED: dict[str, tuple[type[Any], str]] = {
    "virtio-gpu 7.2": (VirtioGpu, (
        "c-rmVeUuG#9LMqB+`X53*S6+v7u$Nec}kMKY1=lW@fh-ONfNSq*WS$)yX)@k+9Yml+Jro%&2vbSrz9jvk|arzBx#c*$x};`wr1|k<($o5o$7"
        "Rs_v@VB{N^{mnfaXW{5faNZ-fw*(gd$uQOH6PB1&lNLX_xzj0lB$p_sj<G(kA^zBqC~yT~DA$)fMe#>EarjtY<C&9PUuhR1H>97meV5*~Yuu"
        "~q9FIWC(h$606z>2p@Q_>Yy8>DyLUn31k9)@rFN3CR=Q3qOSN^y7+%JfcdM_Oz`>zlUV2k{<}Ff$YTOr1XHAn(6ncc|m`!5g>(cZF8EZ=-tp"
        "fe_mu-zl#|vyUkuPd#?Zh00000000000000000000000000093!Tb#KpfWJTu`ciXMpX%2ROSWpp@zk6Ffy5!%8UA3_<;h4hmMoAYp=jgC!U"
        "ca>OhBLWnEQ&^v#<aF0000000000000000000000000000000000000000000000002s>SK#Fe<GNx`hu!ILxg_{s2$guVm67#1ONa400000"
        "0000000000000000002M|As{v>jAj6*2WwQ;q+)5yK#myMcc${Gu8_B=$KeJ&Q&!&p++rtoq7!#Hfr3&(=;hLrCE!XO6#`mJ9O&Y)!U<Iuik"
        "z7^-oLB$Q(Fma8^!G%`X@}Vq|D^;n<>a<0np<GHrVCj9GK$&0n}^@sg#>SFT#UX5IP?8#is<vUS_`9XogJ-m`b#{sRX~4jn#n^w{wer_Pj~J"
        "AdI~8TsUsPd@qNlTSYR<daW6`Q(#NKKbO6Pd@qNlTSYR<daW6`Q(%T59AyF4A8$7kj?J|jBf?x(B*Fh<RW8VvP4;J6)M^t(UoGZiLER<<F0j"
        "8sah@mx`gUAYSyalzP?V~di5LJ(D24aH#NSwNuuYLrne^DmVA549nG4zxU=P5N~_jw+O}(dcZZIh?&;j6Yd3HA9{2XVuh;#(AL!G!--G>A(|"
        "qXzGW?kj4Gau=c<_*{?3|&&Ts1F$SivL1A06@7$WfukM~^9dV(gPePmOze{Dg_mOqx7p>a=I4KUe(xjG41$&zU>#h4~8>zPRY6#V;>;W$Ciz"
        "D^|X`>b2FcuUWh9jrDJCcx&U^o8H;{?w0qqzQ65*?H}&=Xy?bfKH2^0p3nAvzVD0uUmp1C;MXPJ9QyX~cSpWI`opmwkN<Sy<f+qVel9(G?w9"
        "kwUij_e?`3~bKlM{T^;19fQ$O`nKlM{T^;19fUlsKm^!Ei(<=z`a*vvVr)}poMGT$e-%boYP{R!716)X")),
    "virtio-gpu 10.0": (VirtioGpu, (
        "c-rmVf0RsR9LMqJ&dxBqwsmI>whawQ>qmCewjpW!Op+!f3A?j)HY0Y|?A>jXn6$BeCP|wl$?qf~32BogNt>ii(k2N>(uSn1d*?pWI(z(CozC"
        "%oo%7u1dG2%1{haUoIp?0|5kgoh;yr3jp$bI=BSe+*@F3b<HLi#k4x=v)-%x~z6slqk&sBZyRwJx(9GZJnYiRD0^E9U=G*2?;#yB#^X%p2r3"
        "N1m!h_H+QSb3#!?R1e9<sx&75VaMdB!xzyqN}r*MatD$#vnWo8t+hSb@TlJ&7Yl^lAP|>QZs#CEid59H3O8;t8EVXh|!J8^W}w?jkmbv+dQ%"
        "_k$tHE000000000000000000000000000030K3lBZ7Qk1a1-z-bnpgAbw-sA`^L}d1P=Dgc><nKZt7<Xa%q<HPWA_H-?~MzpZ6;u@1?9aG*|"
        "V_#00000000000000000000000000000000000000000000000000;L>A@k%tK8YTkh6%Miw)fX02jxn)!MnE(I)00000000000000000000"
        "00000_}{Pyb3Xu=-nz)S5ROv)VmF^~l<Ai^eZ^YC9u*y<#yac8#W!f=YSOe>LW@?dliDPwv~Ay^qq}q0?mc?;>h0;%um6C7gNCG~XJif=J|Z"
        "h8pyd~g9y2yLzHma(<f+qV%$zm5c+T8;^A{{!yma}Bm8({-UAKP2rp+Z=wr<<LW9P2Y-Fx<y?c0B#{NSO(M~)poaq?8f>9gm~SCUUY`Q(#NK"
        "KbO6Pd@qNlTSYR<daW6`Q(#NKKbO6Pd@qNlTSYR|3JQZW`OanfGWQeklzZpF8Ed;!5k}=2&=6|O?zZit?0{QYO9XeI?lTF>c?Fke?^0ajjnV"
        "xZgN%AtD9Yu(7Z*<R@b&pOuDYk^~pD++}O5V`<pu4-0>E7r_NovcI$p?kK20Q-s_IucY5yX)3@K<{qGrY@4)*84IYx3=1m`(;mf>#n1A>KBS"
        "vOr=Zp&EYI*q&7Cbci;W3Yl9T$9b{9}cWPncLVY4Vh*)22T$<H?y%&3bzFGsVx&d2a6W^In+$;)0hJE?T@~>9XZ7uXttUtE*mHy=Lv}>)u%Z"
        "=7x=%-rD?j$va!#-TL0P_qTtr<HMaF?fSU%lii>0`E2j!Wnb+3a{pHczApdf;J1gqJN*5TqsM+Y{^N<CPX2uAmx^CcpE>*6x!=$KQTZqJQ$O"
        "`nKlM{T^;19fQ$O`nKlM}pB~iagxuAvrHwZJ%B8<?RRc}#xbGj_{BDp4?HIFF#3yYT*-v")),
    "virtio-gpu 11.1, three outputs": (VirtioGpu, (
        "c-rmVf1C_;9LMqR><@O&b!M-{bxD&XNp911U6RI+B>AyPlH_jB?PbN?*_*pAiA@(vk|bU7D@l?hNs=T<k|arzbV-sV>5`<YnVs2q9R1PbQ63"
        "%-ujk|Oo$q|-J2UUcXa3yB?019^w#rn$TvNzG62dNYE+Hz6K2bzsy-=-QSD7k2MqeI3pkL$`vSc&%W%FXUD%)e@6l?649kH=up5xB;+G1m$I"
        "d<rsyU^<t)p*Km5o6Bb5+_+jm9cGef*I)qW4)Hzl8}6{J>mU_dm3}9h(D%UfA8sApK%|_S*Iiv)<Oko8R<D8Eh{e=(2B#sA~Qsa-QMZ3PBFT"
        "{#lhnEv~d^nW<pl1UbT9^000000000000000000000000000000|37E4wJboeR0{{PinM?h)DKI}dgk%0!hWH&K?S+NaQ@NBcr%wRkR+k%V`"
        "~k8;};V!=6u$^YV|BE00000000000000000000000000000000000000000000000000066_PldO*j7HNU77R(i~j{@q)^`=@);xPdL00000"
        "000000000000000000000C38%33ELFMQ`n_u@D}gzHymncrx`(iaz70;YvtMl9Ro4Q&Q_UP#QLB+@xu<=Drr`8JR6xwN~4<@6fSR=dS+lJ$m"
        "-)-KTGMPHtZR0R!_3!&*t{kfFmOBg#fb$BZ2}e!|2_<&&pOn=y0N>^XDi&0nx^(c&dbmn~nha@FcJYuBycuyNDoEnBy3uh_A3*X})g_w7GWd"
        "GOHTBUR*+Pd@qNlTSYR<daW6`Q(#NKKbO6Pd@qNlTSYR<daW6`Q(#N{(q2felx&$S3tJj6ENQukRwOm6_BImzGSmIoHc5?+zGW3&q%5*dy>!"
        "e)~Q=B<*d}R>z~u$T;;rm=Qp~b@r6w;YI<?AOPZ(oE^TpH`sEo{WM0|ws#aIGzD8}+wq5&cJ6zZC`c5}=?$WiJ|Hke&^|-m`Exm5-eOsT~`("
        "|Yaa{A>4^X}*$8gS>pLHPxRgTqByamih!cMrK|=)J>+NA4SOf7t^gM@2`Ed2sAQ;~pOW$b?5HJ~rv`@+T%gIc4g!=`)_1`Sh%3W<NXUxw+5J"
        "dtv^I3tn3I@}gH3zq;hLrLQl0WBHpa-dg$gs&`huyXL*M@2~q{{f8Sq+W7INPd0zL<+H7yZ~J2Vmla>__<H9zyT0B1-Jb9F{;==I{XZS}x$>"
        "8TzaIMS@b5?dsQQ!osh|3(pZckv`l+A#sh|3(pZcl)w5Z=?{9a(M_Parx)0%VWEkSQy#pa4ybJn@ivHwv}s$G8^#U4HOdgb4K;_xqGrx(W")),
    "virtio-gpu 10.0, sixteen outputs": (VirtioGpu, (
        "c-rmUF-`(O6b9hgg-s-}7!1aQ${S!|tUUrZK-4waLcwJ*mKGkugVG}lO9Vq<VqxL;HS_*AlQ-Epz=jagMSmDWh#?7Yt#H8cPQB=dZoPhN8%Y"
        "SA5R>*cuO@Y_W2@cN>pYC@bv|$MO)p*Ni%qWU&a{_(zqk9I*5gBR6#h)|le}E+bmD<2>E<K1>ht?KJAEn2s+bI}E^mu!^pKCMd7004FU-2lk"
        "$QQa=kxt-0000000000000000002s?_?*<ZvpbxsvM7I)ws%6?Ib(f^heXXV(>V*&&#K;P0t1Z000000000000000000000000000000006%"
        "dJpupGCo0k{*Z")),
    "virtio-vga 11.1": (VirtioVga, (
        "c-muNU|?WkVBlu}0X8t{z{&sv0t{$?5yp^UsAuEk;TH;(aFA0}QP<KnF#gYAWAEhtpJ8NxWCjLKAjKsuBg??Z#LU9V#?HaX#m&RZ$1fl#BrG"
        "B-CN3c<1(F>FqhQzrMh2D*M_Cw{85k5892po`7&wq5!No{D0Jek+E&")),
    "bochs-display 5.2": (BochsDisplay, "c-muNU|=#45)@=-05TXFn1K`n2Lr<c1_*e_fCj!uF$gjYd%)Dd_<%uy!4WPXzz6^;aRsy"),
    "secondary-vga 10.0, big-endian": (PciVga, (
        "c-muNU|=#45)@=-05TXFn1K`n2Lr<+1_*e}fCj!uF$gk@JmA1elrn!XDa7Ca6SxmzG5=>61*2dTj4;5+z`5ZlQv>4z1_cI3VDZ`@ITI)<z`&"
        "pZq_{vT{<CtGr6=m8=A~pN=7DrD0s!<u5RL")),
    "vga-isa 11.1": (IsaVga, (
        "c-muNU|?WkVBlu}0X8t{z{&sv0t{$?5yp^UsAuEk;TH;(aFA0}QP<KnF#gYAWAEhtpJ8NxWCjLKAjKsuBg??Z#LU9V#?HaX#m&RZ$1fl#BrG"
        "B-CN3c<1(F>FqhQzrMh2D*M_Cw{85k5892po`7&wq5!No{D0Jek+E&")),
    "cirrus_vga 7.2": (PciCirrus, (
        "c-muNU|<p!*ulWg00zt;f`ftK0g!scfCYS!Vi05)0f32tfgeZ-F+%w>3><(=76t_<Uw60%02`RpVg-f)0}rwUKf}lX0_Xy;q`)A-z|6+U!!I"
        "N%AuXq<qOPTDU~Fb-WAEhZfvRE0a1EMd2*o8WBg??Z#LU9V#?HaX#m&RZ$1fl#BrGB-CN3c<1(F>FqhR=hgTTU}0aRxI0J-%I&H")),
    "vmware_vga 10.0": (VmwareVga, (
        "c-rmSF=_%q6b9g5cO@w-wy_PCf!x3<Z8}p3-o`6<k#ruw16Y_F#KPVim{Al%`oOyRKKNnYFbu<+W{OGD{}>JGhn!V;O?vC(G5IRl<(Jdibl<"
        "q7_ajdw&zJGA8Ptblwwk=Zm2$CfHlN#5{g($i7Wc3xz|D&mKnHn0w7D;hivR!s00000fPcXM4FCWD0000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "0fVQf}Nq?S9n`IeXXTJd>RU%O")),
    "qxl 7.2": (Qxl, (
        "c-rmMPin$Y5XbS~OJ1V!PZOiosBNiGC<sEK&{e_c#uIpg9>gno1UKHpg$obhK20nLk)9xaKQQkNZ)P<-Mw0V2mZ?edBv*e9c^vaNnVm|`BXv"
        "p-MwR49;U)1eXX;%m(QWH>0*N+$&<f*qlD<sd-lwyV&rIL*<to#C_>qGAYK)(rWgORfeytufnyvOj7<J-qum3nmhNGeiRGyLD?rpJCU$u~IX"
        ">}C2oBgv&+IiHgGX%>&00000000000001>LVf`<nh?V")),
    "ramfb-dev 11.1": (RamfbDevice, "c-muNzzqNZ8~_0"),
}
BODIES = unpacked(PACKED)


def body(name: str) -> Any:
    """What is in it."""
    kind, data = BODIES[name]
    return decode(kind, data, qemufile).state


@pytest.mark.parametrize("name", BODIES)
class TestBody:
    def test_is_read_and_written_again(self, name: str) -> None:
        is_read_and_written_again(*BODIES[name])

    def test_live(self, name: str) -> None:
        kind, data = BODIES[name]
        device = kind()
        if isinstance(device, VirtioGpu):
            device.outputs.max_outputs = len(body(name).outputs.scanout)
        load(device, data, qemufile, settings=decode(kind, data, qemufile).settings)
        assert save(device, qemufile) == data

    def test_mutated_bytes(self, name: str) -> None:
        survives_mutation(*BODIES[name])


def test_what_the_program_set() -> None:
    assert body("bochs-display 5.2").vbe_regs == [0, 640, 480, 32, 0x41, 0, 0, 0, 0, 16]
    chip = body("vmware_vga 10.0").chip
    assert (chip.new_width, chip.new_height, chip.enable, chip.cursor_x, chip.index) == (800, 600, 1, 30, 12)
    assert len(chip.scratch) == 0x8000
    qxl = body("qxl 7.2")
    assert (qxl.mode, qxl.num_memslots, len(qxl.surfaces)) == (Mode.VGA, SLOTS, 1024)


def test_an_unusual_byte_order_tells_the_usual_one() -> None:
    big, little = Vga(big_endian_fb=True), Vga(default_endian_fb=True)
    for one in (big, little):
        again = load(Vga(), save(one, qemufile), qemufile)
        assert (again.big_endian_fb, again.default_endian_fb) == (one.big_endian_fb, one.default_endian_fb)
    assert body("secondary-vga 10.0, big-endian").vga.big_endian_fb


# -- virtio-gpu

@pytest.mark.parametrize("name", ["virtio-gpu 7.2", "virtio-gpu 10.0", "virtio-gpu 11.1, three outputs"])
def test_pictures(name: str) -> None:
    outputs = body(name).outputs
    assert [(one.resource_id, one.width, one.height, one.format, len(one.iov)) for one in outputs.resources] == [
        (5, 64, 64, Format.B8G8R8A8, 0), (2, 64, 32, Format.R8G8B8A8, 2), (1, 64, 16, Format.B8G8R8X8, 2)]
    assert outputs.resources[2].pixels[:1000] == bytes(i & 0xFF for i in range(1000))
    assert (outputs.scanout[0].resource_id, outputs.scanout[0].cursor_resource_id) == (1, 5)


@pytest.mark.parametrize(("name", "telling"), [
    ("virtio-gpu 7.2", [False] * 3), ("virtio-gpu 10.0", [True]),
    ("virtio-gpu 11.1, three outputs", [True, True, False]),
    ("virtio-gpu 10.0, sixteen outputs", [True] * 5 + [False] * 11)])
def test_which_outputs_tell_their_frames(name: str, telling: list[bool]) -> None:
    """Which of those that all are zeros it is, nobody knows: the first are taken."""
    assert [one.tells_frame for one in body(name).outputs.scanout] == telling


def test_frames() -> None:
    first, second, third = body("virtio-gpu 11.1, three outputs").outputs.scanout
    assert (first.fb_format, first.fb_width, first.fb_stride) == (0x20020888, 64, 256)
    assert (second.resource_id, second.width, second.fb_format) == (2, 32, 0x20038888)
    assert third == Scanout(tells_frame=False)


def _new(outputs: int = 1, pictures: int = 0, blobs: int = 0) -> VirtioGpu:
    gpu = VirtioGpu(has_blobs=blobs > 0)
    gpu.outputs.max_outputs = outputs
    gpu.outputs.scanout = [Scanout() for _ in range(outputs)]
    gpu.outputs.resources = [Picture(resource_id=i + 1, width=1, height=1, pixels=bytearray(4))
                             for i in range(pictures)]
    gpu.blobs = [Blob(resource_id=100 + i, blob_size=8, iov_cnt=1, iov=[MemoryEntry(length=8)]) for i in range(blobs)]
    return gpu


@pytest.mark.parametrize(("outputs", "pictures", "blobs", "tells"), [
    (1, 0, 0, True), (1, 2, 1, True), (3, 1, 2, True), (1, 0, 1, False), (3, 1, 2, False), (16, 0, 1, False)])
def test_blobs_behind(outputs: int, pictures: int, blobs: int, tells: bool) -> None:
    gpu = _new(outputs, pictures, blobs)
    for one in gpu.outputs.scanout:
        one.tells_frame = tells
    data = save(gpu, qemufile)
    found = decode(VirtioGpu, data, qemufile)
    assert [one.tells_frame for one in found.state.outputs.scanout] == [tells] * outputs
    assert [one.resource_id for one in found.state.blobs] == [100, 101][:blobs]
    assert encode(found, qemufile) == data
    again = _new(outputs)
    assert save(load(again, data, qemufile, settings=found.settings), qemufile) == data
    assert again.has_blobs is (blobs > 0)


def test_what_a_gpu_refuses() -> None:
    twice, unknown, small = _new(pictures=2), _new(), _new(blobs=1)
    twice.outputs.resources[1].resource_id = 1
    unknown.outputs.scanout[0].resource_id = 7
    small.blobs[0].blob_size = 9
    for gpu, why in ((twice, "one number"), (unknown, "no picture 7"), (small, "less memory")):
        with pytest.raises(VMStateError, match=why):
            load(_new(), save(gpu, qemufile), qemufile)


def test_a_format_that_there_is_not() -> None:
    gpu = _new(pictures=1)
    gpu.core.virtio.pci.modern = True
    data = save(gpu, qemufile)
    at = data.index(b"\0\0\0\1" * 4) + 12
    with pytest.raises(VMStateError, match="no Format"):
        decode(VirtioGpu, data[:at] + b"\0\0\0\5" + data[at + 4:], qemufile)


def test_all_outputs_are_of_both_ends() -> None:
    with pytest.raises(VMStateError, match="max_outputs"):
        loaded(VirtioGpu, BODIES["virtio-gpu 7.2"][1])
