"""Network cards and user networking: bodies out of streams of QEMU 5.2 to 11.1."""

from typing import Any

import pytest

from devices.catalogue import SECTIONS, registry
from devices.net.e1000 import E1000
from devices.net.eeprom93xx import NEW, OLD, Eeprom93xx
from devices.net.ne2000 import Ne2000, PciNe2000
from devices.net.rtl8139 import Rtl8139
from devices.net.slirp import IPV4, SOCKET_FOLLOWS, Slirp
from devices.net.vmxnet3 import ADDRESS, Vmxnet3
from devices.pci.device import EXPRESS_SIZE
from tests.devices.cuttings import Body, is_rewritten, mutated, no_part_is_one, understood, unpacked
from visitors import qemufile
from vmstate import HookRefused, VMStateError, decode, load, save

BODIES: dict[str, tuple[str, int, str]] = {
    "an RTL8139, something was plugged in; QEMU 7.2": (
        "rtl8139", 5, (
        "c-muNU|@P9VA;sb$iScgWHSH(;{_lg(D07|3-}_%APA!GK>6H^48sltg)j)2gdz9}Xc!wn6)$N(u$dhg7<ho8#3%p^RE7#&)`zSQ85nU`g$f!q"
        "1>Q7T!gwJ;LJVOh0~#`ne;Ku?Z6>Q|QAv)4p|PcYMt(^_PHB34QEFmJCCD}a{G1u{")),
    "a PCnet that has booted, QEMU 10.0": (
        "pcnet", 3, (
        "c-muNU|>=bU{GLZY+w=qvKfGY@c@Y2^N#^1*a4U0Vr2WzFnoan^ViiMn7^+25EQ~7WD*7x5d?-0Q+POo^~w_Fui*@wq6`eKK;i#T5E3NB5N3ki"
        "ur&tEU)Lxwe?<{<fbh8(8W@mil7TD`a|5vg5CbDpL;zJ<fSD-?n>KKSGcdA}Y#%ESf;1msXkqAJn1D^m1V#oXW}uq?Y}j4Q7xC~WD9jie4lyt="
        "LqfQtkC74NAYjl7=FH||U}6HPU~pz|Vbbw5V`5}uu$aFr8=m?YnD{|zKx}vnQ3>c*SeV79q?TnSrxxoaW#-X4=_NM>Cz~=dnX!O8$jAZ;1!gdt"
        "4MZ{<voJ6QHVo&yHws3<C>RB!U=)mkQ7{Td!6+C7qhNRf#!Qa?aRBZJNE-")),
    "an NE2000 on PCI that has booted, QEMU 11.1": (
        "ne2000", 3, (
        "c-rmUO=}ZD7{Kx8nN5>Y3eBz-ZBNF75*3Xm#u_55rWGPabWK+;)|VJCP<p81%WbV11;sC*H$On>-9zx|XYdPXkDe2El3FP0rBJN(|2xdi&dd%w"
        "!#uNl8WAz8>1^bvSjHyWkw5xADXz%J?$7%Xl^ti)7danaBe|%)lx>k;&Qz)r)Ws`=wcZ+A5d`(Ri02gwVd#1GYI9*|>#oHF000000000000000"
        "00000000000001NIgLJvID>-$UcJ>#o`x`Ze&@_eW9e$+r0Qui)VX0q<{ULz-go)>Ol7{+TzF7AyV$r_%2}n^OViajdm@)RUQ4v%CZ{IUNv1}}"
        "+{r_S%jYVOo<vWVo;`oje!2X4xwtZ<>D4Iv&53(Gpt?u(pz40rU8=iPUDXNItZG_KMs-|uud1hdCZ&TJzU}_<sy)^)fX&HN12Z@cCYT)&V}@lW"
        "ZG2nfyYugDN&lpnicFg$D<6y|<<0A_>$^}~KW5u(#W&#C<Ei4!yUmBKM)UsBJFSJk^9?Y?gdLzJ>?}C_eA1>)J|TJ~V)y;m*Z+k@$>;5lP+-@t"
        "X@9w8i>FGxZnUAH>6wi`PHh>V^CdOBUa;1KlkhusX~doM<EY!&*5j}JHvY9A|L=%@;vWD20000000000000000000000000000000000000000"
        "0000000000_<#KX+c=6~")),
    "an NE2000 on ISA, QEMU 5.2": (
        "ne2000", 2, (
        "c-rmBu@L|e00hCWK`kmVhIW)rY{a77@Gf~-&)Qn=Nh!6Cald&400000000000000000000000000000000000000000000000000000000000!"
        "*v9AtVE")),
    "a Tulip, QEMU 7.2": (
        "tulip", 0, (
        "c-rmIJq|!X5QgDz=~Sz94Yk4z9LfP4iOM+~VH0ZX_(>FMg}hHPlk9%e%t%UdUnq4li8VLG7W!2$D&P3$J9GLSTYS6Re<4;W)pHCd%a``Zw)0A("
        "P1<}H1ONa4008ij9Y}c}K>")),
    "its EEPROM, QEMU 7.2": (
        "eeprom", 20061113,
        ("c-muN00Ble1_uTP0UH5-1|-1Y&d3rHB*YMAA_w9z^fEFqGcZ&zFg^%ikYFGcWWRvW4Gfz-mh*w^Lk0Ie0cafw>;")),
    "an i82559ER that has booted, QEMU 5.2": (
        "i82559er", 3, (
        "c-muNU|?!%;1ptKoWR5hWHTr*FmQa>|Bvwi0}$-`$AAXDNHGX9Fzoqv2g>JS<d9$(#DI}Ov5r<|2PgoIhXW2ER$v$fqhJ(_f>AIEM!_f;1*2dT"
        "jDk@x3P!>30;s+Hpb!QjlQ3$UZ@^H&%d~<qg!Lf~1<VW#$RiLKpeb}7SlN4l00^xC#C#`!Oim)KXD8O3VjV!D!HAiWL60GU;gbi0!>0y&UH}zr"
        "8v_")),
    "a vmxnet3 that has booted, QEMU 7.2": (
        "vmxnet3", 1, (
        "c-muNU|?D+x`CaYQGkIF$YuZmg+2cm41kycgi!%VEd#@je{-OGE=C5b09J+utm1+#5@1I$2{6zMFav%5Psk)JD1_lZ!zdU9qhJ(_f>AIEM!_f;"
        "1*2dTjDk@x0s-SFe^BrtH1BAF90d@-`U#vS6o5$sL^GcH$H2h+f`L(pAtVSS&;0ch11kN30ivD(G?d242oZdRDF_t(5P`#1W+=S{EqS`ZTm_~2"
        "Mk8nxjDjHmn7_V3E&|xmD<A=QHfR3&4vR|WuOA5%7EBw_3X42cdA3)hu`mio!6+cPbHWHJQ>cPih01a(@={BT^>dRGi%a5jGK)(<HUI$Z1uzc")),
    "a vmxnet3 on PCI Express, QEMU 10.0": (
        "vmxnet3", 1, (
        "c-rmPKMKMy7>D6sT8rS+76ixMz=9sY(OJY*L>vU`(jtx>Jcd^gJeH@ZHdPR@ZVICBL;ieU5=a7BBFQ<lk4@M3GG#0)8Wf7lDqA1fwYDGL@|L;J"
        "`FlrEevN}h)#_QSI-c^{@nF}f4(0gz7`ME65%wpevCaYj0002s4;k{W%7K^M6Ym880Q~&t<Xy!JH_3Lr$a>vmK1;LdYMEwshYNW+76S")),
    "an igb, QEMU 11.1": (
        "igb", 1, (
        "c-rmUy=oL;6b9fkvzuQMog`{u<6<E}n-nQ6Mvw>rL1IW{kqfX$Yc~>2XQ5Y+Ld4QqBm_ica|d?u9ux#2<Lu_gU6mvx7_;$thS~3%ne%?ToN9K8"
        "iHLNiXlAt}i=>)I+uN;(cU!mCBkHlX6&=1@j<MF5?;H<Tq2%7x&XVX`Dw5d8*y>Q!s<GCHL&@SrG>U3yW$W$FKU7V{Q6-UF+@9s>RAXj)x*4&0"
        "#P!Zaa;f|G|7^!#wY3!OR&QkY`=Whyq@#W$0002sWF@Efcz$j?7N$q1%d(M`l`JpIxREuBm8==D^gilY^FdWNS;U3eJQg2*|M+HjtzH{g&R#{*"
        "pGG}e4<Ke6MSRURw%5G#WG3DI%U+gA<S}t2pJ<I`m)I=J51-o4FaUrPHI_fRo4&3+AN@SA8GViF&ft99+`BpzNn`!j$g{4aEFEeMMbvj!%ntLt"
        "kE;#nZ7=KbEt0`}@5Ev@s4D=#0rCU(!zeq(QcF+HK>u>83+yVi000000M43R3jhEB;LMxUf>YzR761SM0001RbgdWoUegBn4~@tCToDV?Isrg0"
        "E2?|h{r7JDPrd#O000000000000000000000000000000_`A~Nm<!0u%lB>`00000008Jw*MB>c9y1^E^71{B2LJ#700000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000005v@&CSR7^g_8K&g$eeNmQ!*hm}77$qgm@")),
    "an e1000e, QEMU 7.2": (
        "e1000e", 1, (
        "c-rmT!D<sh7y#gZH`}JDwQ1-@=wb0<FG9s0J+znHL<ymI>|I|#5RE9IkI@J4;#EX)61@q1fr>BSLFldPCTW8W+BQ<LO}-D3`FEL}%>26xJ3}@i"
        "(oTD~R!M46N~7=HLB#umq}z)>9K<g=?LqnJaQjLU|J-6^Q7OwxesaC!%guf{v)4YhzqV6$@^IH;HfZtKagi<^#jAN^5bQ<loUwnEvW3mHdQn8H"
        "82|tPa0w;nxIOdRUuZS!<?K1j_ZxYwDE0QGk88W_PHnfGwm*u<ljqNhqSjw@xRpKmeCJ{HdgJQt*GYVj>g-loX(4-2JV-v4N9IMW^cM>T6Z0sF"
        "B)U;w?pBKtW#96mSpK%S{`7vbaqaE=*XmwmdD-EGxHs(GYTVs=GxuLl!S-++qw%**tj|pFCAySu41zQrp7!BN)=6Gor2Fj0+3JjbfMd4uIY|Hj"
        "m|(N7(kait$n$PxeyT>l6i5HwSm}MW|6H?oouu6}Otjrp0002MRLind5&*a~65|H|fXOp^N(pczs~A5300000Tr`%iVOrIr)ojP+noIzrYEr-i"
        "n{AKxI%Xb`ol?b{A^-pY000000000000000000000001tX?s7Sazh>f0000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000;O{hBQD55}#O+RTD8>rLtbJa70)!{99{")),
    "an e1000e of machine type 7.2, QEMU 10.0": (
        "e1000e", 1, (
        "c-rmT&uSAv7y$5ZH=CrWwcF5((8J=zUWAH0dT1}Xi4sEb*t@=fAR19ZAEOW8#jA+qBzhD20u^7tgV0;oP0|)yw11>xoBn=~%(u(zWaisl*cq}B"
        "k@kC=c`eDKlE%oporw24$zT|N*oj~Cd*kxc?)H@={<+!6qE?l);^=zGmz$%qzSTRhKi{Z2xw~sN8@G7ixJc*r;>Dsp4z?mTPT0R%)xzpht1P42"
        "2><{9xPX!~+^+xj7rLERHG9sA?RJrumEpehalYB>=bP2E{ZT}bJbzY}`DoGMR`%rcorlfq?W?z6C-FU+jkT)MO!lIDkbJC;EXr6IEf$O?=24bO"
        "45BqZXqJameJjdx{@d*G)BDNFwYSq>n_E#Yst(V@z5U)T#@)3yQ~&i8tnaU5wEwn=<@y9)qI2oWI7rj|)4sowb(ELq=|1~$vO0%9zyWK;lq3KE"
        "Ot8kQ^pa=b(DQC>`cjR4F82Ptu`vAV{ki7wI!Om7m}tAH0001hOD)S%NdVx&NQ@r<047i4m=a)5Rx^G800000IBzUp!)4WqZl@QkOELi*mP-K>"
        "tkFB&>zGAEc1#s-iU0rr000000000000000000000001RO6%JZwHxvP0000000000000000000000000000000000000000000000000000000"
        "0000000000000000000000000000000000000000000000Dq^`jn>lYIPUe!U2&@5l(o;wPlmIwAO")),
    "an e1000 without subsections, QEMU 5.2": (
        "e1000", 2, (
        "c-rmIJx&5q6b8^c3<3NB2SQ~m2o|=OSXzvo4T&+vn!?fz&?t$9)#w%stvj&PJy<&;6jDGeG#2EX<mKJl-S3Nt(s<O!(j+3C&N1`!kxXK#_uXhN"
        "?wd)hv-M5~0000000000000000000000000000000000000000000000000000000000000000000000000000001g=;FK;mq!srG2eTU#Z{U$"
        "M&qy7%cItbn|7RL5ib!3as7OFR_&IzHtr)PQLSXPh@J9n(NBt{lE|aASFA96Z05s$a<bj2za_8p3mS2}a9=ujnEmy^iU93W{&UJoDZ2aLYc`F!"
        "!l+ig`)#MKX{)1Is{sG&6H5Y0{{")),
    "user networking with two connections, QEMU 7.2": (
        "slirp", 4, (
        "c-rmU!D}2<90%|>yGcl!m~5ptyCr(CwA6#(p(nfEB83no2_AD$5J{!!!Ryw$hyDpUc=D8kH+z`c2rYO>&Y`f-OH-Q~ltR*mtg|z-3HxG~6tNcb"
        "`M~RM-pu>Xym|B3+<GB&R6ehSlhaup&+5>?a2U!?4iuM?$xxbKSzoI+LzsSkW+$BuVfoR;ymtG;*_hK=yZP>u?M^?;EadgnV3FS%+06T^-~Cx!"
        "KV-D0S4l$XJa234ZvNaG*RMpm(I{Vu@=0Frohb54=cmeicih-Z<*zMVE%UW<L@mm1^__oX?m;yFbgw56-!976nj2AmwKqS|Ki_(~80A~N`FH|R"
        "{$TyOcH5!P1mg8O?(e^!Ps@FlM*FW3j<|oT<%sdaFKqw*Yv1pmnl66_r_263_gmlplFetOPp0!mC$sie=WV;ctD~De@3FX3ZlAAr^YioX{r<PV"
        "ueaOnwx(&CrfL7L_Ork7eOmwk0000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000N|B+zh2bz*7{n#8N$-X=XTOr>vD8c6QPn!<~8#f00000"
        "000000000000000000251^-_j0000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "00000000000000000000000000000000000000000000000025lW)%ywQ*;Ct=>GS^ONUx(%FN`3k-xLgi9ah$JG!9f6R}bRYEfORbE4Nqo~ia"
        "ffFHAlF97cW^umyFeKH-#n_QAFSpa|dgnIT_~GoRk|z$SZeGZ1<%>!<`AJsCvsxJlVJM$aeyQ`6!u(3{Nn79ivEBKU%a1PRpS0T_&c>Y1+H&$Z"
        "?}wR%yq+2?@;8&syuUS4)Wb%5dX=R2>W%AHqTFbduSEIc2KP?f&F8&zeyYrO$Bn&I{@TLTGG8l4)S~=W-}yJ@9z^p`_j(4zw~O+%=0=oX-HWzR"
        "-+b%oVw7*~g?<x=@(1hJwc8GTCJ?XRaex2)d|K|aG}?cSaK!yvEk}&|*#rOp00000000000000000000000000000000000000000000000000"
        "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000193vW*p"
        "HNCaIR&R!|w0m|ZowY76rIJi`59e2kb)4S)ZM(CM%a1PR>)GuOXJbxhZ8_A7b)H$s&z~AB@>}Kk)^7a;-(fU*bO@d2ZH?W{pL^r_mF?c#Xgt{{"
        "pXBx4i6XyreyYrO$Bn&I{@TLTGG8l4)S~=W-}yJ@9z^p`_j&^H?V^0Gxe?`8d-DVR^R1_gQNGoik0%i257w`1w;lRSAYQ-Y{{H*<wA^QDwEr66"
        "i2Ju%ju=1u!pD050ssI2000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "0000000000000000000000000000000000000000000000000000000000000094$+x4P0?yRrXn+J9N`PrRx_Mq|t1D$^^UCxiIAq*~c4k}M7"
        "`z=&A%Ht%2iR@Z38N$#<`T0<N7?PnzF>Yk$aytzn$@57V4p}Bo9MVa@5t2`5!kZt=<@JZ3el6?$SM}n50iM}{Z~")),
}
"""Section, version, bytes."""


def state(title: str) -> Any:
    """The state that this body holds."""
    return understood(BODIES[title]).state


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
class TestBody:
    def test_is_rewritten(self, body: Body) -> None:
        is_rewritten(body)

    def test_no_part_of_it_is_one(self, body: Body) -> None:
        no_part_is_one(body)

    def test_mutated_bytes(self, body: Body) -> None:
        mutated(body)


# -- what they say

def test_an_rtl8139() -> None:
    card = state("an RTL8139, something was plugged in; QEMU 7.2")
    assert card.macaddr == card.phys == bytes.fromhex("525400123456")
    assert card.eeprom_contents[:3] == [0x8129, 0x10EC, 0x8139]
    new = Rtl8139()
    for name in ("tx_status", "tx_config", "cscr", "config1", "config3", "command", "basic_mode_ctrl", "rx_buffer_size",
                 "basic_mode_status", "nway_advert", "nway_lpar", "nway_expansion", "clock_enabled"):
        assert getattr(new, name) == getattr(card, name), name


@pytest.mark.parametrize("mode", [0, 3])
def test_an_old_rtl8139_tells_its_mode_by_a_register(mode: int) -> None:
    old = save(Rtl8139(cp_cmd=mode, cplus_enabled=7, rx_ok_mul=9), qemufile)[:-4]
    old = old[:-8] + old[-4:]  # version 3 has neither the last counter of multicasts nor the mode
    card = load(Rtl8139(), old, qemufile, version=3)
    assert (card.cp_cmd, card.cplus_enabled, card.rx_ok_mul) == (mode, int(mode != 0), 0)


def test_new_cards_are_those_that_nobody_has_touched() -> None:
    tulip, new = state("a Tulip, QEMU 7.2"), registry().named("tulip")[0].make()
    assert (new.csr, new.rx_frame_size) == (tulip.csr, tulip.rx_frame_size)
    igb, other = state("an igb, QEMU 11.1"), registry().named("igb")[0].make()
    assert (other.phy, other.tx, other.timadj) == (igb.phy, igb.tx, igb.timadj)
    assert [i for i in range(len(igb.mac)) if igb.mac[i] != other.mac[i]] == [0x1500, 0x1501]  # the network address
    assert [i for i in range(1024) if igb.eeprom[i] != other.eeprom[i]] == [0, 1, 2, 63]  # and the sum


def test_a_pcnet() -> None:
    card = state("a PCnet that has booted, QEMU 10.0").state
    assert card.prom[:6] == bytes.fromhex("525400123456")
    assert int.from_bytes(card.prom[12:14], "little") == sum(card.prom) - sum(card.prom[12:14])
    assert card.csr[0] & 0x30  # it sends and receives
    new = registry().named("pcnet")[0].make().state
    assert int.from_bytes(new.prom[12:14], "little") == sum(new.prom) - sum(new.prom[12:14])


def test_an_ne2000() -> None:
    assert type(state("an NE2000 on PCI that has booted, QEMU 11.1")) is PciNe2000
    chip = state("an NE2000 on ISA, QEMU 5.2").ne2000
    assert chip.mem[:12:2] == bytes.fromhex("525400123456")
    assert chip.mem[28:32] == Ne2000().mem[28:32] == b"WWWW"


def test_an_eeprom() -> None:
    memory = state("its EEPROM, QEMU 7.2")
    assert (memory.size, memory.addrbits, memory.eedo) == (64, 6, 1)
    assert memory.contents[10:13] == [0x5452, 0x1200, 0x5634]


def test_an_old_eeprom_has_its_size_in_a_byte() -> None:
    data = unpacked(BODIES["its EEPROM, QEMU 7.2"])
    old = data[:8] + bytes([64, 0]) + data[10:]
    assert load(Eeprom93xx(), old, qemufile, version=OLD).contents == state("its EEPROM, QEMU 7.2").contents
    with pytest.raises(VMStateError, match="both ends have the same card"):
        load(Eeprom93xx(), data[:8] + bytes([0, 16]) + data[10:44], qemufile, version=NEW)


def test_thirteen_models() -> None:
    models = {name: path for name, path in SECTIONS.items() if "eepro100" in str(path)}
    assert len(models) == 13
    for name in models:
        (record,) = registry().named(name)
        assert f"i{record.make().device:x}"[:6] == name[:6]
        assert record.kind.__name__ == name.capitalize()
    card = state("an i82559ER that has booted, QEMU 5.2")
    new = type(card)()
    assert (card.device, card.mdimem, card.mem[16:20]) == (new.device, new.mdimem, new.mem[16:20])
    assert card.ru_offset != 0  # it receives


# -- vmxnet3

@pytest.mark.parametrize("title", [
    "a vmxnet3 that has booted, QEMU 7.2", "a vmxnet3 on PCI Express, QEMU 10.0"])
def test_a_vmxnet3_is_express_on_any_bus(title: str) -> None:
    card = state(title)
    assert card.parent.config_size == len(card.parent.config) == EXPRESS_SIZE
    assert card.parent.msix_vectors == len(card.interrupt_states) == 25


def test_a_vmxnet3_with_queues() -> None:
    card = state("a vmxnet3 that has booted, QEMU 7.2")
    assert (card.txq_num, card.rxq_num, card.link_status_and_speed) == (1, 1, Vmxnet3().link_status_and_speed)
    assert card.txq_descr[0].tx_ring.size > 0


def test_multicast_addresses() -> None:
    data = save(Vmxnet3(mcast_list_len=2, mcast_list=bytearray(range(2 * ADDRESS))), qemufile)
    card = decode(Vmxnet3, data, qemufile).state
    assert (card.mcast_list_buff_size, card.mcast_list) == (12, bytes(range(12)))


@pytest.mark.parametrize(("change", "why"), [
    ({"txq_num": 9}, "9 queues that send, of 8"), ({"rxq_num": 200}, "200 queues that receive, of 8"),
    ({"event_int_idx": 1}, "interrupt 1 of 1"),
])
def test_queues_that_a_vmxnet3_does_not_have(change: dict[str, Any], why: str) -> None:
    with pytest.raises(HookRefused, match=why):
        load(Vmxnet3(), save(Vmxnet3(**change), qemufile), qemufile)


# -- settings that bytes tell

@pytest.mark.parametrize(("title", "sends"), [
    ("an e1000e, QEMU 7.2", True), ("an e1000e of machine type 7.2, QEMU 10.0", False)])
def test_an_e1000e_tells_whether_flags_follow_its_timers(title: str, sends: bool) -> None:
    found = understood(BODIES[title])
    assert found.settings == {"parent.config_size": 4096, "sends_pending": sends, "sends_adjustment": False}
    assert (found.state.itr_intr_pending, found.state.eitr_intr_pending) == (False, [False] * 5)


@pytest.mark.parametrize("mitigates", [True, False])
@pytest.mark.parametrize("everything", [True, False])
@pytest.mark.parametrize("segmentation", [True, False])
def test_an_e1000_tells_its_subsections(mitigates: bool, everything: bool, segmentation: bool) -> None:
    card = E1000(mitigates=mitigates, sends_all_registers=everything, sends_segmentation=segmentation)
    data = save(card, qemufile)
    told = decode(E1000, data, qemufile).settings
    assert (told["mitigates"], told["sends_all_registers"], told["sends_segmentation"]) == (
        mitigates, everything, segmentation)
    assert save(load(E1000(), data, qemufile, settings=told), qemufile) == data


def test_an_old_e1000() -> None:
    card = state("an e1000 without subsections, QEMU 5.2")
    assert [card.mitigates, card.sends_all_registers, card.sends_segmentation] == [False] * 3


# -- user networking

def test_connections_to_forwards() -> None:
    net = state("user networking with two connections, QEMU 7.2")
    assert [(one.fhost.family, one.fhost.address.to_bytes(4, "little"), one.tcp.state) for one in net.sockets] == [
        (IPV4, bytes([10, 0, 2, 100]), 4), (IPV4, bytes([10, 0, 2, 101]), 4)]
    assert [int.from_bytes(one.fhost.port.to_bytes(2, "little")) for one in net.sockets] == [80, 81]
    assert (net.sockets[0].snd.cc, bytes(net.sockets[0].snd.data[:3])) == (20000, b"XXX")  # nobody has fetched it
    assert [one.macaddr.hex() for one in net.leases if one.allocated] == [
        "525400123456", "525400aabbcc", "525400aabbdd"]


def test_each_connection_is_marked() -> None:
    data = unpacked(BODIES["user networking with two connections, QEMU 7.2"])
    assert data[0] == SOCKET_FOLLOWS
    broken = bytes([SOCKET_FOLLOWS + 1]) + data[1:]
    with pytest.raises(VMStateError) as caught:
        decode(Slirp, broken, qemufile)
    assert caught.value.offset == 0
