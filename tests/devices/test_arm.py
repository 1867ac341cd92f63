"""Arm's processors and the devices of its `virt` machine: bodies out of streams of QEMU 5.2 to 11.1, and by hand."""

import zlib
from base64 import b85decode
from typing import Any

import pytest

from devices.acpi.ged import AcpiGed
from devices.ahead import heading
from devices.catalogue import registry
from devices.char.pl011 import Pl011
from devices.cpu.arm import ArmCpu
from devices.cpu.arm_features import SVCR, UNSENT, Feature, taken_over, xpsr_of
from devices.intc.arm_gic import Gic
from devices.intc.arm_gicv3 import GicV3, GicV3Cpu
from devices.misc.clock import Clock
from devices.pci.smmuv3 import SmmuV3
from devices.timer.pl031 import Pl031
from migration.replay import Replay
from migration.replica import Stream
from migration.sections import Section
from migration.stream.events import Trailer
from tests.interop.rewriting import rewritten
from tests.migration.recorded import stream
from tests.vmstate.exercise import refusal
from visitors import json, qemufile
from vmstate import Decoded, VMStateError, convert, decode, encode, load, record_of, save
from vmstate.shape import Setting

CPUS = {
    "XScale, QEMU 7.2":
        "c-mu7jW=B&%)rBd1uPK6E)JJxWKduj1z?cCz<7Ctd0E*36#M)f3=moXMl(Wa2`FC!$~S=WGhj4WT!D`P%va!t(~MA>2}(0VXvPKz%>-4)1m!bB"
        "`OHv02UNcVR9pkfH-PdzU^G-b1ImZGhrgmB!2sw!;R8_mAOn<Ugwjk9`p^UjeHbc#tPw)rV1$NG1vLUWlhsiiMDvO(77dbkC(B<T_y30iV)gt-"
        "0}QNO$pxkQndP~;6(vA<#(@rrOjdzFO7yb|f&EidsGF0Sm#SM_l30=o^A`ZfoJ<P",
    "Cortex-M55, QEMU 11.1":
        "c-niw@Pxr3L7{=ywxdyjfsuh2puix&@E-_(%sULD01OyMpr8Lk0nRXK#I7E$kCi>Spj5vstpF&=Jer0^0UB@+5?~S(5M)v$sFH<&ft3}Mm~tT;"
        "WWa<sZ?cMmwdtoNmgbb?CKhMw78GTIXyi=I$^%i9TwI)*Q-mVJ36UvIh6}UuL4@*4GE$3liwof5P^D!Sx!4K}Rt~5`3Xo+RfcOB&ODvckgBh4x"
        "mWrf>1!8|eZgFCnxo%M&!d+Z&af`uJVnM@8w>UMqv?#Nr66&@gR-!V|+`X(qpm548D%8!%%uCfRE=eqb$2$PN&R*L",
    "Cortex-M33, QEMU 5.2":
        "c-muNARYYw|Nj9H{{%80F^mE*a2$bt{tpFMq-0r{4!vN)p&qV}l|8wjRKF~(04T{knubOJ8gLL~U=S1#WKbkVF)J%5G35eTET|Gpj0_9{3=Y_J"
        "F|&$;wdtoNmgbb?CKhMw78GTIXrLq`+-x3*qU7S@)SMy|8BT~yaWY((l@B76Uy_kpq+4777l$e>v&cm@0d5ip)FB1PvJF6d0K-dA9bk(Ja*Gqo"
        "%yo<M5Dwsii(6o`X`lc!V04R9lS_*-ODdsm!|6VOL76C-Ans+NVK@na!YQ+;P&X$tFIBg=B(WqF7ES>Aw_J1",
    "Cortex-R52, QEMU 10.0":
        "c-rlk%Wqpn6o+T-_2VXl&b<zllvm><fD43PQyvCda9b8x1-yb~D^%o4fZPWqcZKsPw51a52DMTb1r}`h2f8}~5?Jxrp$OG>qBtzgf_1PxpFu=b"
        "qKJ~FswYZ5jc4X}=A7SnZmv?z=BvKu-$Avy+0WN%zUsDi%PT$K`n}E5*npq<jeP6Gn4*HZ#ldY#K?lZQ9425A=HLuG4L^b(TWWMQx*A=Lu0~g*"
        "tEV8k8eNU9M%O{dLB~PILB}aWbR2XXbR2YC_T{4IqUWOLqUWOLqUWOLqUWOLk*`O6Jm&X6pK+h@9Q_<V<k-(%t80{o4vfJB?12W3z%rbI({Ki!"
        "hMhQe{|3K|CN91i?Ly+?pTR$ae?}8mPeS5r;^V8qSA(wxUyVb2{4*|n>ThE7WAx+n<Mb2s6ZDhxlk`3E^2p00FK-a0;V@+X-skWO_$B<x(r3Lt"
        "WH~_G4Dm9=&rp}lRfz5`)`zSMSr@X;urrRoS>|P#mu25$#2F*b82cYP1JA;9mgD3<j*sK`_!|0!4vAA>9|htRh*Kb+0{Ohjx<kw_(&xT0Me-^V"
        "zsR{NQoj=VC3KIG-vl}n=uG%9fCF#`B>uz&c+oOKCnDbnod}&M1^XfOi>O~j{i5>_{peyoY~O!n%jWkf<ovdo3}N|Dld8Y$z!;3f1Wdv{csJYz"
        "4fJ6O-UIK2+u?oie)u4K2tEvV!V&lgd=x$gpM<0EDYzRx4WEI}!sp=ga4*~kUxu&1PQA{<E0)tgT3+(tAk0__bri;>7v2S_t58>=u0mafx=H}4"
        "uk=IeEYw-3vruOlfIA>{mj@vA7wRw6U#P#N;Sd~#_#*fs_#*fso&0yf$KewY-vr+T-vr+zgjtA>vIpX);HTiH;HTu^3-Cqw62x!8Z^3WDZ^3Vw"
        "gj1H^oPlR8zg3ps{b4zaU$fMGj`2Bk=4LFv=REwNA>Xr~E?NG}x?dTe=UmO>$8S|wgG;aum*MZ0*V+H|Y0C=w70y+Kb5-G-R5&M<4=t<AuW~<B"
        "sZW)>s??=QU8?8cC-76t8ag%Zof>th@x53;X91ms3zmzlTjZWvqRvayxz2c<dezadllQU<iMLGN%jDf4kH%%oKha-d-b(65|IL1|z1)3?`F~pP"
        "e_1^Fs>IfMMd?w>z41GY&eBi(Yc%cW?fV+Dc<XKWLqUs<AGFu^2kCY{J)Az!o)@I8p4JB}n?HBNJ8<8oMEOjq*VlP7?Yl$2Kkio8M5B9;-RAe{"
        "t+@~Vz!_>W6$Akv9qd}TehX*4+-AgC{rqgK`~1C0m)f<juWn@i{+++<X>qgvOZ)q|wDISUzS;Nr3T^GZ_WGUuuB>V*o_wqH{_az6m$u4NrQ2>@"
        "+wbOwSABG_bxU_{?Dbl_w{@6G@18h(D!0aI-}Dww{j)D{d@JnF?(69BW25gJeecNViIay<9_j4sFI>d-xB",
    "max with SME on, QEMU 11.1":
        "c-rmQTW=I)9LMpU-EO;}GBd>kp1Z9gsL0~6Drymp8WTuwyrqb3iV;&vLG;GTK`~L|IciMQci@FDU{>8qOcXD*F|;*V@UmQ#E0emr^WCPH8c-_+"
        "`F<|?>&(tPhyU};^pMH?b3LPT-{u-$Zc7i||Mc<C8=rS%{?~d6ne{!HTqSc}37&4OYdDx8gL-x>OV_)WS+a%9ldWVM*-aiG50WpFucR5!Za}*M"
        "?FO_P&~8Ax!9J391KJH}H=x}t?PO^uJ4$k2miuz_o8$8W<0&xy0@p7gBR-G#yqn{0>eNkp>(lXsnSjiaIkJ^pLWblhxsTjW9v}~r&GyszhSV_("
        "=#P4a0sT?ekh+G{HKeX#K)=CDB>e~UPrXCx9a8U*dWTv1r_N!HW9k~VaNNRip5r{ntsJ*<+{SSm#|7q9U|t30RVb2OB;#Je{j0cd7458Ieyh2D"
        "HRnrQU*h@_{XDvqydcd@^t*}rZK8ggxqmZt-b|f0b6qc=_tJhZ{q{1RKF;^iZ(sBLXK4;{KhI-0$aRB^XOMn}Xm@WR&F2sGlp4?5XqvTsQes_7"
        ")HlsT<eTINeYMOiAI*|2WS(p#+sF&ai^yeUNJeBkc`<njc`11rc?EeDc{O<rc`bPzc|CbExrV%z93@{PKTdQ1_i27mAUnuaX@1(BX2N_Eu1l7Z"
        "7m&<9Vg3p8Pndtg{F9iZ4#{$odL+~%p&kkKNLG-Slhh}<lB7-vbxNpHLY<N#*-3Vh)Gwia$x8ADk~$=-$s5U=Na~$X@8lM8ExC?l9g^F~+sQk~"
        "JITAqX5H^5?;-Cc*OT{=_mdBhtatJfxsTjWzDd4IzMp0}Lk1-Kznmjk|MC)&eNbi}lv(F8>s)4?%dB&mbu6=vW$Ig|zGdqB<stG_lJS1YbNLnH"
        "{Q3lWGR+G8SLnY&{}uYL(0_&gEA00Q`=i4CsIWgO?1M4-8>22`)Mbo1j8W&Y1LP}denY(ubKhZ}qr<#6zGGd!V_lB0Zbz8!k+;aV$#+QV@B`!e"
        "k@kP0j^oUGoabkpd5$yBapw8+BsoP^$z$Yk^4BzvGTx(%_vk^A`A#sN3F<$=I3}p~1kde654nMSklaW<L_SRRkz2_p$!+9QWIy?0nv<-{B;%dr"
        "{WtkK`36b7C#mz~dnC`r6#IXQ{WZnDoub}TtlJdrPtpD_^#2R%R%O3bsY{i8S>?S~rA}4qQ>8vt>QkjY)knxj$;Z+>M*GL;_ZaJPoP9UV`DyAg"
        "&Ag|X=k$kZo?w0_nBNTT&M^NO#y!J$XL{2-Nq@7f|7`n0zh&QX#SfYD)Y3D&F5CDThs)=m{Nkac<urf4bj?4Cv%$K0w*H~tD2nrqzww%Pt)$cT"
        "&bX0L9MyAqTx=W{yE-0hTo)JDr8mTl<G6OBo*mir`XG+uGn`-Zy6BYoo@LFy>Hpk?XJ;VUOh7SKEcPF?i`iHqqrdq)FZ>YvN6%*zXFD7B7w4YW"
        "jc5FPMp4wB35x073g({oAc}+9+0M65Y?<9Tdg{LWt@fzZ8;VL#{Ox+xrV>ZROR{lCV|48dE;`+P#Z0a%>WEj?#@7+8D|WUQgSb6N3m9jb^FPgF"
        "QYm!*wfBbp-S^a~Kj#+vy|%#5+1x@upKJGhGXLa;ptPv(_j^D3)}3*7gy+gYXYp6BpSv&Lwryzl+C2k93+!s0XEx+|hW>DBWBs>+=5Gk6laJX<"
        "YX^q54R0A3+BH1yWj^<kO!wTbJ^hRQ8>u8ok|aqwH}TJc9saXGk|arzBuSDaNs=T<k|arzBuSDaNs=T<k|arzBuSDaNs=T<k|arzBuSDaNs=T<"
        "k|arzBuSDaNs=T<k|arzBuSDaNs=T<k|arzBuSDaNs=T<k|arzBuSDaNs=@t-?nXN_u3amO11BUf81Dmy|L}XJJ&q3{n`FCyGFK-^f%khFROp{"
        "+`!(EH6z=1^bgn1&mzC1{#pN?{%1$(r-OW<empR=V|f0keh2@_U0D",
}
OTHERS = {
    "GICv2 with virtualization, QEMU 5.2": (Gic, (
        "c-rmOu?oU45CG6baTmX!pWr9-PeKuq4qe*N-;W5oI8+f@ki0kKxZ|>9$Xy5_h7Zc)h}(s&m4$4n<=1-v000000I;?QRH^pA@7SDM698C!&w9)E"
        "<-5LG9Zuaiq+5SUb3f)Z<t|@64*>8Fd)@9;f5tm@Ato>")),
    "GICv3 of two processors with EL2, EL3 and NMIs, QEMU 11.1": (GicV3, (
        "c-rmSI|{-;6oui5GGeRX60D=R4fim_7~_CRWb#;pMG8wxo2*kKsN_+IAVl>4ip;>h5ICH2gb*`Pad|=fyrK}m7djkIXHozF00000000000002c"
        "kzVCKXb#)&3*UWjm^aSWe;;SR+Z1vk$Bqe<uib2++<j_i+9c(~`l~i9#ZXS_ImE_O-fmuvLXPSyVW1mH(JET?!B)xXb7Ys_wF)B@Xx})AjzSf0"
        "^(IlP)W5A;mBjD6t#)?e3T&`-dj")),
    "GICv4, QEMU 11.1": (GicV3, (
        "c-rmKJqp4w0EXdIi8%U$yNk1m9>4>*c!E%?)_`p#{W(Ri(Q{S{R$CRsse<pbB#<u&e2EZZBT$iLbbw#f8_!m>0000000000000000H7hQ%DnSA"
        "p6A~kpFWK*_m*S3*%neE2e$E)tDR(_oO3))w27`O)?fXGwdl%Gy@$~3)&4ZERw0M=NHJT!>q_?PLEqD5Oiu1g#r~c01LbMg*pUu=6(02=Qrp-q"
        ";#TEpZrR5<O}YSC8aZP")),
    "SMMUv3 that is off and lets nothing pass, QEMU 11.1": (SmmuV3, (
        "c-muNU|?imV_;z5Wk3LAHcsGR1SA+)*f7LF*noi*#s@PT3>jEp0xYcD#kskqWybpHNd<`@Ll_u@OaQ4V23-")),
    "generic events with PCI hotplug, QEMU 11.1": (AcpiGed, (
        "c-muNU|?Y7OH3}v)J;!K(a%lI%_sm0F)|PYNV*D=Gl|tT3P!;w7zLwX6pVu53IHU63Z?")),
    "PL011 without its clock, QEMU 7.2": (Pl011, (
        "c-muN0D}oYTmWG*GeT&F03cRipbn4%Vpbp)LK0&H0HU=4rv")),
    "PL031 without its offset, QEMU 7.2": (Pl031, (
        "c-qTm5}#fF|Nnmm1YiUa09d*Nod")),
    "PL031, QEMU 7.2": (Pl031, (
        "c-qTm5}(6>1+WSh<QNzm>X&3DXY1ytr4^@^07V%=QUIJQ2Q~")),
}
STREAMS = "a64-virt72-gic3-72", "a64-virt100-virtio-100", "mps2-an385-100"
DEVICES = {"cpu", "arm_gicv3", "arm_gicv3_its", "pl011", "pl031", "pl061", "gpio-key"}
BODIES = [(ArmCpu, text) for text in CPUS.values()] + list(OTHERS.values())
CARRIED = {
    "XScale, QEMU 7.2": Feature.IWMMXT,
    "Cortex-M55, QEMU 11.1":
        Feature.VFP | Feature.M | Feature.M_CSSELR | Feature.M_V8 | Feature.M_SECURITY | Feature.MVE | Feature.PMSAV8,
    "Cortex-M33, QEMU 5.2":
        Feature.VFP | Feature.M | Feature.M_CSSELR | Feature.M_V8 | Feature.M_SECURITY | Feature.PMSAV8,
    "Cortex-R52, QEMU 10.0": Feature.VFP | Feature.PMSAV8 | Feature.PMSAV8R,
    "max with SME on, QEMU 11.1": Feature.VFP | Feature.SVE | Feature.SME2 | Feature.WFXT | Feature.FPMR,
}
REGIONS = {
    "Cortex-M55, QEMU 11.1": (16, 0, 8), "Cortex-M33, QEMU 5.2": (16, 0, 8), "Cortex-R52, QEMU 10.0": (16, 16, 0),
}
"""Of the memory protection unit, the hypervisor's, and the security attribution unit."""


def unpacked(text: str) -> bytes:
    """A body as it was sent."""
    return zlib.decompress(b85decode(text))


def sections(data: bytes) -> list[Section]:
    """Those of this module's devices."""
    found = [one for one in Stream(data, registry()).events() if isinstance(one, Section)]
    return [one for one in found if one.header.name in DEVICES]


@pytest.mark.parametrize("name", STREAMS)
def test_without_a_trailer_the_same_is_read(name: str) -> None:
    data = stream(name)
    found, alone = sections(data), sections(rewritten(data, without=(Trailer,)))
    assert {one.source for one in alone} == {"declared"}
    assert [one.decoded and one.decoded.state for one in alone] == [one.decoded and one.decoded.state for one in found]
    assert [one.decoded and one.decoded.settings for one in alone] == [
        one.decoded and one.decoded.settings for one in found]


@pytest.mark.parametrize("name", STREAMS)
def test_a_live_load_and_save_changes_nothing(name: str) -> None:
    replayed = [one for one in Replay(Stream(stream(name), registry())).sections
                if one.section.header.name in DEVICES]
    assert [(one.section.label, one.outcome, one.changes) for one in replayed] == [
        (one.section.label, "replayed", []) for one in replayed]
    assert [one.body for one in replayed] == [one.section.body for one in replayed]


@pytest.mark.parametrize(("kind", "text"), BODIES, ids=[*CPUS, *OTHERS])
def test_a_body_is_read_and_written_again(kind: type[Any], text: str) -> None:
    data = unpacked(text)
    found = decode(kind, data, qemufile)
    assert encode(found, qemufile) == data
    assert save(load(kind(), data, qemufile, settings=found.settings), qemufile) == data
    document = convert(data, kind, qemufile, json)
    assert convert(document, kind, json, qemufile) == data
    assert refusal(kind, data[:-1]) is not None
    assert refusal(kind, data + b"\1") is not None


# -- processors

@pytest.mark.parametrize("name", CPUS)
def test_what_a_processor_has_shows(name: str) -> None:
    told = decode(ArmCpu, unpacked(CPUS[name]), qemufile).settings
    assert Feature(told["features"]) == CARRIED[name]
    assert (told["mpu_regions"], told["hyp_regions"], told["sau_regions"]) == REGIONS.get(name, (0, 0, 0))
    assert told["sends_features"] is ("5.2" in name)


def test_another_processor_behind_is_not_taken_for_this_one() -> None:
    settings = [one for one in record_of(ArmCpu).members if one.key in ("features", "mpu_regions", "sau_regions")]
    behind = b"\4\0\0\0\1\3cpu\0\0\0\0\0\0\0\x16" + unpacked(CPUS["Cortex-M55, QEMU 11.1"])
    for data in save(ArmCpu(features=Feature.VFP), qemufile), unpacked(CPUS["Cortex-M33, QEMU 5.2"]):
        alone = data[data.index(heading("cpu/vfp")):]
        for setting in settings:
            assert isinstance(setting.shape, Setting)
            assert setting.shape.told is not None
            assert setting.shape.told(memoryview(alone + behind)) == setting.shape.told(memoryview(alone))


def test_values_of_a_processor() -> None:
    cpu = decode(ArmCpu, unpacked(CPUS["max with SME on, QEMU 11.1"]), qemufile).state
    assert cpu.za_is_on
    assert cpu.register(SVCR) == 3
    assert (cpu.fpcr, cpu.fpsr, cpu.fpscr) == (2, 0x800_009F, 0)
    assert cpu.event_register
    assert cpu.wfxt_timer is None
    fpdscr = decode(ArmCpu, unpacked(CPUS["Cortex-M55, QEMU 11.1"]), qemufile).state.fpdscr
    assert fpdscr == [4 << 16, 4 << 16]


def processor(*registers: tuple[int, int], **members: Any) -> ArmCpu:
    """One with these system registers."""
    return ArmCpu(cpreg_count=len(registers), cpreg_indexes=[index for index, _ in registers],
                  cpreg_values=[value for _, value in registers], **members)


def test_registers_that_did_not_come_stay() -> None:
    sent = save(processor((2, 20), (5, 50)), qemufile)
    target = load(processor((1, 11), (2, 12), (5, 15), (9, 19)), sent, qemufile)
    assert (target.cpreg_indexes, target.cpreg_values) == ([1, 2, 5, 9], [11, 20, 50, 19])
    assert target.cpreg_count == 4


@pytest.mark.parametrize(("own", "message"), [
    ([(1, 11), (5, 15)], "system register 0x2"),
    ([(2, 12)], "0 to 1"),
])
def test_registers_that_it_does_not_have_are_refused(own: list[tuple[int, int]], message: str) -> None:
    sent = save(processor((2, 20), (5, 50)), qemufile)
    with pytest.raises(VMStateError, match=message):
        load(processor(*own), sent, qemufile)


def test_registers_behind_the_last_are_not_looked_at() -> None:
    assert taken_over({1: 11, 2: 12}, [1, 7], [10, 70]) == {1: 10, 2: 12}


@pytest.mark.parametrize(("fpcr", "fpsr", "fpscr"), [(0, 0, 0), (0x3C0_0000, 0x8, 0x3C0_0008), (2, 8, 0)])
def test_one_register_stands_for_two_where_it_can(fpcr: int, fpsr: int, fpscr: int) -> None:
    cpu = ArmCpu(features=Feature.VFP, fpcr=fpcr, fpsr=fpsr)
    sent = save(cpu, qemufile)
    assert (b"cpu/vfp/fpcr_fpsr" in sent) is (fpscr == 0 and fpcr != 0)
    assert decode(ArmCpu, sent, qemufile).state.fpscr == fpscr
    again = load(ArmCpu(features=Feature.VFP, fpcr=1, fpsr=1), sent, qemufile)
    assert (again.fpcr, again.fpsr) == (fpcr, fpsr)


@pytest.mark.parametrize(("subsection", "members"), [
    ("cpu/serror", {"serror_pending": 1, "serror_esr": 5}),
    ("cpu/syndrome64", {"syndrome64": 1 << 32}),
    ("cpu/pstate64", {"pstate64": 1 << 32}),
    ("cpu/pstate64", {"pstate64": 1 << 21 | 0x1D3}),
    ("cpu/event", {"event_register": True}),
])
def test_what_is_sent_when_it_says_something(subsection: str, members: dict[str, Any]) -> None:
    assert subsection.encode() not in save(ArmCpu(pstate64=1 << 21), qemufile)
    sent = save(ArmCpu(**members), qemufile)
    assert subsection.encode() in sent
    assert load(ArmCpu(syndrome64=3 << 32), sent, qemufile) == load(ArmCpu(), sent, qemufile)
    assert save(load(ArmCpu(), sent, qemufile), qemufile) == sent


def test_lines_of_a_processor_that_did_not_send_them() -> None:
    sent = save(ArmCpu(), qemufile)
    lines = sent.index(heading("cpu/irq-line-state"))
    target = load(ArmCpu(interrupt_request=0x0013), sent[:lines], qemufile)
    assert target.irq_line_state == 0x0012
    assert load(ArmCpu(irq_line_state=7), sent, qemufile).irq_line_state == 0 != UNSENT


@pytest.mark.parametrize(("members", "message"), [
    ({"cpsr": 0x1F3, "regs": [0] * 15 + [0x8001]}, "Thumb instruction at 0x8001"),
    ({"cpsr": 1 << 24, "regs": [0] * 15 + [1], "features": Feature.M}, "Thumb instruction at 0x1"),
    ({"features": Feature.M | Feature.VFP | Feature.MVE}, "LTPSIZE"),
    ({"features": Feature.M | Feature.M_CSSELR, "csselr": [0, 16]}, "CSSELR is valid"),
    ({"features": Feature.PMSAV7, "mpu_regions": 0}, "rgnr is valid"),
    ({"features": Feature.M_SECURITY, "sau_regions": 0, "mpu_regions": 0}, "secure MPU_RNR is valid"),
])
def test_a_processor_that_is_refused(members: dict[str, Any], message: str) -> None:
    sent = encode(Decoded(ArmCpu(**members), 22, record_of(ArmCpu)), qemufile)
    facts = {key: members[key] for key in ("features", "mpu_regions", "sau_regions") if key in members}
    with pytest.raises(VMStateError, match=message):
        load(ArmCpu(**facts), sent, qemufile)


def test_a_processor_that_is_not_in_thumb_state_may_be_anywhere() -> None:
    cpu = ArmCpu(cpsr=0x3C5 | 1 << 5, regs=[0] * 15 + [1])
    assert load(ArmCpu(), save(cpu, qemufile), qemufile) == cpu


def test_status_of_the_m_profile_as_it_once_came() -> None:
    assert xpsr_of(1 << 31 | 1 << 24) == (1 << 31 | 1 << 24, 0, 0)
    assert xpsr_of(1 << 31 | 0xF3) == (1 << 31 | 1 << 24, 1, 1)
    assert xpsr_of(0x1000_00B3) == (0x1000_0000 | 1 << 24, 0, 1)


# -- interrupt controllers

def test_virtual_interfaces_are_the_upper_half() -> None:
    gic = decode(Gic, unpacked(OTHERS["GICv2 with virtualization, QEMU 5.2"][1]), qemufile).state
    assert gic.has_virtualization
    assert (gic.bpr[8], gic.abpr[8], gic.priority_mask[8], gic.current_pending[8]) == (2, 3, 0, 1023)
    assert len(gic.cpu_ctlr) == 16


@pytest.mark.parametrize(("name", "told"), [
    ("GICv3 of two processors with EL2, EL3 and NMIs, QEMU 11.1", (2, 3, True, True)),
    ("GICv4, QEMU 11.1", (1, 4, True, True)),
])
def test_facts_of_a_gic_show(name: str, told: tuple[Any, ...]) -> None:
    settings = decode(GicV3, unpacked(OTHERS[name][1]), qemufile).settings
    assert tuple(settings[key] for key in ("num_cpu", "revision", "virtualizes", "has_nmi")) == told


@pytest.mark.parametrize("cpus", [1, 2, 9])
@pytest.mark.parametrize("virtualizes", [False, True])
def test_processors_of_a_gic_are_counted(cpus: int, virtualizes: bool) -> None:
    gic = GicV3(num_cpu=cpus, virtualizes=virtualizes, cpu=[GicV3Cpu(icc_sre_el1=at % 2 * 7) for at in range(cpus)])
    sent = save(gic, qemufile)
    assert decode(GicV3, sent, qemufile).settings["num_cpu"] == cpus
    plain = GicV3(num_cpu=cpus, virtualizes=virtualizes, cpu=[GicV3Cpu() for _ in range(cpus)])
    assert load(plain, sent, qemufile) == gic


def test_bits_of_an_old_kernel_gic_are_one_word_too_high() -> None:
    gic = GicV3(enabled=[0, 0, 5] + [0] * 29, level=[0, 0, 5] + [0] * 29)
    sent = save(gic, qemufile)
    flag = sent.index(heading("arm_gicv3/gicd_no_migration_shift_bug"))
    emulated, kernel = load(GicV3(), sent[:flag], qemufile), load(GicV3(emulated=False), sent[:flag], qemufile)
    assert emulated.enabled[1:3] == [0, 5]
    assert (kernel.enabled[1:3], kernel.level[1:3]) == ([5, 0], [0, 5])
    assert kernel.gicd_no_migration_shift_bug


# -- the others

def test_what_an_smmu_does_when_it_is_off() -> None:
    (_, text) = OTHERS["SMMUv3 that is off and lets nothing pass, QEMU 11.1"]
    assert decode(SmmuV3, unpacked(text), qemufile).state.gbpa == 0x1234
    assert b"gbpa" not in save(SmmuV3(), qemufile)


def test_events_with_pci_hotplug() -> None:
    (_, text) = OTHERS["generic events with PCI hotplug, QEMU 11.1"]
    settings = decode(AcpiGed, unpacked(text), qemufile).settings
    assert (settings["pci_hotplug_enabled"], settings["cpus_hotpluggable"]) == (True, False)
    assert settings["memhp_state.dev_count"] == 3


def test_a_uart_without_fifo_has_its_character_first() -> None:
    fifo = [0] * 5 + [0x41] + [0] * 10
    sent = save(Pl011(read_fifo=fifo, read_pos=5, read_count=1, ibrd=0x1_0001, fbrd=0x41), qemufile)
    uart = load(Pl011(), sent, qemufile)
    assert (uart.read_fifo[0], uart.read_pos, uart.ibrd, uart.fbrd) == (0x41, 0, 1, 1)
    with_fifo = load(Pl011(), save(Pl011(read_fifo=fifo, read_pos=5, read_count=1, lcr=0x10), qemufile), qemufile)
    assert with_fifo.read_pos == 5


@pytest.mark.parametrize("members", [{"read_pos": 16}, {"read_pos": -1}, {"read_count": 17}, {"read_count": -1}])
def test_a_uart_whose_fifo_is_nowhere(members: dict[str, Any]) -> None:
    with pytest.raises(VMStateError, match="a FIFO of 16"):
        load(Pl011(), save(Pl011(**members), qemufile), qemufile)


def test_a_clock_that_is_not_scaled_says_so_by_silence() -> None:
    assert load(Clock(multiplier=3), save(Clock(period=9), qemufile), qemufile) == Clock(period=9)
    assert b"muldiv" in save(Clock(divider=2), qemufile)


def test_a_clock_of_which_one_offset_is_known() -> None:
    alone = unpacked(OTHERS["PL031 without its offset, QEMU 7.2"][1])
    both = unpacked(OTHERS["PL031, QEMU 7.2"][1])
    sent = int.from_bytes(alone[:4], "big")
    assert load(Pl031(clock_lead=100), alone, qemufile, settings={"has_offset": False}).tick_offset == sent - 100
    clock = load(Pl031(), both, qemufile)
    assert (clock.tick_offset + clock.clock_lead) % (1 << 32) == int.from_bytes(both[:4], "big")
    assert clock.clock_lead != 0
