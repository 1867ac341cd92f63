"""RISC-V processors and their machine's devices: bodies out of streams of QEMU 5.2 to 11.1, and what they say.

Guests had set registers of each extension, an alarm and a timer. Bodies are compressed.
"""

import zlib
from base64 import b85decode
from typing import Any

import pytest

from devices.catalogue import registry
from devices.cpu.riscv import RiscvCpu
from devices.cpu.riscv_registers import Extension, Interrupt, Misa, Width
from devices.cpu.riscv_v1 import RiscvCpuV1
from devices.cpu.riscv_v5 import RiscvCpuV5
from devices.cpu.riscv_v10 import RiscvCpuV10
from devices.intc.riscv_aplic import Aplic, AplicV1
from devices.intc.riscv_imsic import Imsic
from devices.intc.riscv_plic import BOARDS, SifivePlic
from devices.timer.aclint import Mtimer, MtimerV1
from devices.timer.goldfish_rtc import GoldfishRtc
from migration.replica import Stream, verify
from migration.stream.events import Trailer
from tests.interop.rewriting import rewritten
from tests.migration.recorded import stream
from tests.vmstate.exercise import chance, refusal
from visitors import qemufile
from vmstate import VersionRefused, VMStateError, decode, encode, load, record_of, save
from vmstate.trial import Trial
from vmstate.walk import Mode, Walk

CPUS = {
    "1": (
        "c-muNARe&)|NkFEHz*3gg!sXvNJSzx^$ibTECCIM0R;jKqX0K(U|{I_4+TVNU=)O<2*w5wWg@s1MgvJ^s3bG4H~_0<NI;TfLY1PPzsNK+Dhg"
        "NnXJt<=DAg~>EdT`rEYRc!Nkp=8f*hAoS&&);a^6r+m#kbM@06t`m*fu%|BQlBFbZf703)U=Is"
    ),
    "1 of 32 bits": (
        "c-muNzy=f;8W<Q2Bwp#8A&WLV0FeS345NT*02I#ufdE5-Q4mP5GdhR}t_5KrhZ%}Nae$;y0!lNHWG4{IAZx<v1|+}^lxJm6E-2M6$SnXlkJ<"
        "sj$_X+&qp~2i2yDCpOoGLQ7#|^lnWS0`0FbR4JO"
    ),
    "5": (
        "c-muNAPE$Jhz15m8xSq=O5XyX;)Vw>mVgGsC>WIBzlen3e^E)H|H9%7V*mgDS5cIc=HupI{SO7I%1R3IvNBTqygXc->})Lm(E&_9gSY@W`eE"
        "q_nNI{@0+WnTwu#_cBw84%h8b0h05XS*fuRn@R=^?;1ZHX2t=`CqH_b!y29VZ3c56vdKrzlZAkFVkZ;vV%RWPbxRKX}11y}(OD|>Q5seVCj!"
        "C*`@tehanWmFcV7QyRt1$0F$E>yEm1c*fu6)vouLV^ig$hABUFq4KM2DYD-3lwZ+smUezh;SQxWd%Ew<`~U}qhJ(_f>AIEM!_f;1*2dTjDk@"
        "x3Pu6V0Q$JV4d}o@YF=4#S~|Xg0m!&aN@`MRI<h$mXfz=J02~{2{Q"
    ),
    "5 of 32 bits": (
        "c-muNzzPZ)7#IyCUg?`73pP9ekpdbFqkwAQzlen3e^E)H|H9%7V*mgDS5cIc=HupI{SO7I%1R3IvNBTqygXc->})Lm(E&_9gSY@W`a$swqOm"
        "xQiGdMJGcuS6u0^7SftVSgOaMts9gLxXDF*^(X$ba4PL#9-bO#X2fb1<P3MfViBkb;jI&V~9Q~<lcC_n)`tnA4JrTPWA1+)k(R!)%N8I=X8M"
        "c}eS0a=p8g(R~?fLIif`C(-m>5ghZ=FB9^TU;P-m8B+^<U{;53P!;w7zLwX6pVsVFbYP&C>RB!U=)mk5eXO}g9NF0Wyxvj3^>MCAmbw`sY#_"
        "ECE#%c1qKGxVG<|+010qx%K"
    ),
    "5 with J": (
        "c-muNARe&)|NkFEHz+E=g!sUun8Olm>Kh)wSOOXh0}2EfMgey4UqnLizo?|pe_?S3F<|_vD9TCmadWW#hXPe)B?Wm|87Y2V9xhIHHkSYB0H&"
        "WoT!0+?;B>;k(1pw=0x+SlMTFNP(ZW!1W;|(ti-92lR~l)cBs?3aVaO;L1*2dTjDk@>5JW}cl3`^}E-2M6$SnY}8DSNy{2*~QD<{Zt8I=X8M"
        "QHUoZGZ?6i^3W`h;|AICU6aKh=J{A6$Zy?er8@tYEgV{VsUn6UOFg#p=}{XlH-93WMFDuS#lbZIk@60B{iuu9XY-f&}c#c0PG%jEd"
    ),
    "5 of 128 bits": (
        "c-muNAPE$Jhz15m8xSq=N<R>v;)Vw>mVgGsC>WIBzlen3e^E)H|H9%7V*mgDS5cIc=HupI{SO7I%1R3IvNBTqygXc->})Lm(E&_9gSY@W`eE"
        "q_nNI{@LSi#BhzPDlqJ`n&C_n(2!_UA_2V*N>kp}{^H0)My<iwlip?L#HYaqL|q$r>mXB?2`cLv5$1)~Z^6^tqv1)~5r;9+G?E-2M6$SoL*i"
        "H4OE<hYE=g47~-eXfA6h{c6!_K5(oD5AoJwNpqifgib+#{p*2FvR!~!B$jeXk;;36kthJT%h1d%_~bzOUD;JkYG$nO)5=CZcQqn(S!g1j@NV"
        "Q"
    ),
    "10": (
        "c-rmTOHRT-7zgmFwiXI1APBzeD{;pLO-x*R5Va0yVzHrx#EszyZas##ap~HPM;JSu87TxBFab&Y{}SfW_8Xc>n`yoRA(JT7c-bY|1+Ocg)$^"
        "pIyC15RJ0UQaSh134rHukxE0cA`*wOy()=DO2FzNX4z~0;0-dtVIT4{4hXM<EcDd&C@udb(fe+-LJsYT@ispY?-ma5hM@WP7+S%f^RwmoEjg"
        "0uSY?QiMC8$jMDVO^1%7I<-5c=2W5>kBZ)o&W#<_+PSy>3Hp`=XyWu-yAX0{N(PQJlYC-dVHnr(J!a+-No=zQcpF#2ayRzu;MHC2(L4k#ppZ"
        "?i%(^TI>BR0JvSuyt4qO@bqcp800000006+$4CV#iW#WJ~J5Ig969ZQxB1Nv|mfo}*v2iq8HteB6;ss#eFj+o~?*`WarA;z}OoYgQ(Fc(M6F"
        "uMW%ZG`LPS7HAm?Q%L00000000000D$QcFF=BOH~O)vHu%pJBg1#QK6T`a6d9&}16@^?EC"
    ),
    "10 of 32 bits": (
        "c-rmS&rX9d90%~Sfs+lD;pXOl{Fiu}hiT&72T`$86PaYNC0-1V;MK?QjXZnt5o$|;;YLh!)0pi0NxHVQG{0uR;Rl4|vDzU~j+$?+)9lgkRs5"
        "QV1g3`7npIX`wb*iltT4v*ced6SEAtwQ9qjGe+nXC}OAAI>FU_fJRB}FPm_IpR{LiA!39U$!s8&e3`X04pU5v-g%-qMMVULe}<)kxgzv!PXH"
        "Xax+25%OQttX$?UOHIH4H#h78CuEl`Yq4(qC0oWG+iuy^Wf1Q@2Sb%E~#e|tzF}#o;($Y53=ts6lOcm6K%IFwmYCsa4+^-z~u!10000005F>"
        "rnIxdyfz!Db{qvkjGH-H4FZ*JO$Rj8=A(`}v)lR1xVyf>37XhVR@(W3vvEZVN5xtWcBiZx)G=C%yI6?0(VgUdE0000000000fd50j;0SKr=)"
        "+KD^ec0%B8FX`I`K;qUepgAE|B;"
    ),
    "10 with Zcmt": (
        "c-muNAO#4SfXD_0MjH?<@k&1kpX!DOFqVJ@!zdV(;J=83;D1p`q5s0-3}XNP|5s6zljh^*VEqpTs>(_V^0G2g{JcC|oa}5Y|Iq<VKZCdcIr?"
        "Gg37Jm>U;>kjP_~F5E0_hN85o#h2@hEl7cj}9nIk}?eM(B$#W!-|%>dAh0;D;R9WHV$pcsc1_R%Cc3P!;w7zLvM8(?KmE-2M6$Sr`^e}l<!T"
        "p-7#=9ML<rQ>rSD<?=@N@`MRI=nImDp!Cq6!0`YF~cIOtOVIER&J1BZgFZdsv}qc#l2*q"
    ),
    "12": (
        "c-rmT&rZTH90%~<U~@1~0YUKp{Fiv+f?o9KgQ&BpiNl2r5-)~F@akjuHXc2D@e%5}ZUGipgrJ!C{Uoew*LG04H2D>XCQ)jLV~><Gk=8!yr%A"
        "PY@6lP|h~Q7+<yw(f)=GS(N~@gngWc_orCdhip~L+>b7yOFeR(l&Wc3A=$3^X_T9~GNG@l0Z<D^Lm(iAm{pTU`*rlTn~SkoYSiZw2Lb3jg-q"
        "sw2jiBmm%B>c1%7Nx}Dxb*Cj6PD=79}nQ4%WJyjbn1@nL=O<aw6v_4Ot+5?Yl~b^X2vV2=QF==*?(1{^|ikwPSArfxU!7#@}pxHyaUY;1K4G"
        "j_s|a3-(<?1zGpp5Gnn!K00000001-dM*ZNN3=yza*J|E~;)^kDWGv>IU3Ek?l}IteE9S`ha;IsihrH;)wY^J^u@?P8xIqRZ*}W6oOy*p7C^"
        "RVxEw4@U3x5Cr00000000000Kgo`y$|os4t|HK#Qy@J<-}#%WtQASiS`lHFZu?S6#"
    ),
    "12 of 32 bits": (
        "c-rmT&rX9d90%~Sfyjos;pXQ5`7iM{57UEZUqrD}6PX0q5-)~F@akjuMxMR+2$fPA9STvR%aVOR$tW$qmeG_nX*WWC!|L&4NR%U<wqLuadC}"
        "pEJgXfNm`beCuCwN<#g<!Sg)z3jv$eiho!406U~jjxy}7Zrv|v^YeNJU*vOa0miqx0m>2p3ynJ96pkY4>QK8w<_9Ac^9hg81y!wxy=e_#G=<"
        "PP=Z5u(&gic0)&Y(4tKO-l6q#{-ygrl#BOu<JUme1QOp(hNSBuJ2vy@myTiNe8KCe}3Oa^l8fZ^<zpb)>xQz;b{ULSm7NwqIPiS#q%!!0000"
        "0007J&MJy4}!N~4kMfp-EBT%fxT+)jn4^xR)%9qh!Yl)qvu@+3;g6{<90i^?ywD6zAVkEtF<C}?`?~g4_ib6Z^Ch>g$0000000000003Zmh`"
        "o>C#)*H2s-*t{p;h^1$EUW~Ly`Lk>N`jzn3w"
    ),
    "12 of 128 bits": (
        "c-muNARe&)|NkFEHz=V=7(C0uroQ0;j3uDKFrYwyVH98o|3xGO|BFfr{TCKz5Cg`qilUq}A2$c<e<)B@R#K3cm677-<>BIFXJh$~4q*Bj#0A"
        "LF4^Afx3^S1VxBxSp77<(vW&vqtY*Eb5z>t6|2{hmj5D^!0g0X=(!$-j=7zG$0DhkG8Wlt_B)i1~`0J522Wr94FtdSoL=@A83IYEgjqp~2i2"
        "*jhCy&^y?3aeicRU!!{@DF&{@goATsLasF0+b&|QxsbI;sOOvYF=4#S~|Y)fdpepYEmgk84D0AKxGt&v<Uz<xN|o"
    ),
    "12 with Zcmt": (
        "c-muNAO#4SfXD_0MjH?<@k&1!pX!DOFqVJ@!zdV(;J=83;D1p`q5s0-3}XNP|5s6zljh^*VEqpTs>(_V^0G2g{JcC|oa}5Y|Iq<VKZCdcIr?"
        "Gg37L-zFu`dNK~^veNHfEd7_v$(VB$p6EI?#{Fezad-^htKsY9~_kmf*kt;n^2VkBkkqX}*li~`(%l|8wjRKFm%04ckVf>A(TV&VcNrqsN$<"
        "g|2r>4}vSq%I{jsT8D)g@J)l0V<<_rxk>mY_rNrkgZ|m1_|aCrzS(}XM~Eg000pIWQG"
    ),
    "12 without PMP": (
        "c-muNAP)S80uZ}_NIeY?U@QR*hEXsm!G946!T+L?LjQ%u8N`6`tD-0;&Bx8b3X5-5WhDi9Ss5vQULGz^b~cv(=m4glL0o_w{jl_e%*O?op)?"
        "bNh~Qc<3rNER1&~#8F)&oXQz4o>fz&JFLQXI?AZRVPD}lh8X+rU6A{zyx03V2og0WaRlM71qGb#&Gi$FZOxj+PnMG;jUtP~@`1g-%OMX(E4x"
        "j+G!npc*bmJTX}6mTd800Smw69"
    ),
}

OTHERS = {
    "plic": (
        "c-muNAR4eUjDkS~SeR&OIsg&H01f"
    ),
    "imsic": (
        "c-muN7zLwX6pVsVFbYP&NCyB25C8!"
    ),
    "aplic 1": (
        "c-muNpct?-i~^bf5w(`H3=ClcL?~q(4K11h#!)=r7%Kn(gsK8t"
    ),
    "aplic": (
        "c-muNpc-Ij7zG0j7)OJEreQmZ2Nq)m0C_<GY5"
    ),
    "mtimer 1": (
        "c-muNU|?YX|NlP&4gdg7mIDO"
    ),
    "mtimer": (
        "c-muNKmhjt|Nk@K2FwZ!3{wAb007{E8!7"
    ),
    "rtc 2": (
        "c-oVArFZG`z3|f#uk_76DK2@zz`(%B00E2=Ksf;4vI_t"
    ),
    "rtc": (
        "c-muNfB=bC`quIOyKVrPj8Gv)iC22p{{z9d`G*AnoIng3"
    ),
}


MADE: dict[str, tuple[type[Any], dict[str, Any], str]] = {
    "1": (RiscvCpuV1, {"long_bits": 64}, "pmp hyper vector"),
    "1 of 32 bits": (RiscvCpuV1, {"long_bits": 32}, "pmp hyper"),
    "5": (RiscvCpuV5, {"long_bits": 64}, "pmp hyper vector envcfg debug"),
    "5 of 32 bits": (RiscvCpuV5, {"long_bits": 32}, "pmp hyper vector envcfg debug"),
    "5 with J": (RiscvCpuV5, {"long_bits": 64}, "pmp hyper pointer_masking envcfg debug"),
    "5 of 128 bits": (RiscvCpuV5, {"long_bits": 64}, "pmp hyper rv128 envcfg debug"),
    "10": (RiscvCpuV10, {"long_bits": 64, "inhibits_supervisor": True},
           "pmp hyper vector envcfg debug smtateen elp ssp ctr timer mseccfg"),
    "10 of 32 bits": (RiscvCpuV10, {"long_bits": 32, "inhibits_supervisor": True},
                      "pmp hyper vector envcfg debug smtateen elp ssp ctr timer mseccfg"),
    "10 with Zcmt": (RiscvCpuV10, {"long_bits": 64, "inhibits_supervisor": True}, "pmp envcfg debug jvt mseccfg"),
    "12": (RiscvCpu, {}, "pmp hyper vector envcfg debug smtateen elp ssp ctr timer mseccfg"),
    "12 of 32 bits": (RiscvCpu, {}, "pmp hyper vector envcfg debug smtateen elp ssp ctr timer mseccfg"),
    "12 of 128 bits": (RiscvCpu, {}, "pmp hyper rv128 envcfg debug"),
    "12 with Zcmt": (RiscvCpu, {}, "pmp envcfg debug jvt mseccfg"),
    "12 without PMP": (RiscvCpu, {}, "hyper envcfg"),
}
"""The class, the settings that the bytes tell, the subsections."""

KINDS: dict[str, tuple[type[Any], int, dict[str, int]]] = {
    "plic": (SifivePlic, 1, {"num_sources": 96, "num_addrs": 8}),
    "imsic": (Imsic, 2, {"num_irqs": 256, "num_pages": 2}),
    "aplic 1": (AplicV1, 1, {"num_irqs": 97, "num_harts": 2}),
    "aplic": (Aplic, 3, {"num_irqs": 97, "num_harts": 2}),
    "mtimer 1": (MtimerV1, 1, {"num_harts": 4}),
    "mtimer": (Mtimer, 3, {"num_harts": 4}),
    "rtc 2": (GoldfishRtc, 2, {}),
    "rtc": (GoldfishRtc, 3, {}),
}


SUBSECTIONS = (
    "pmp", "hyper", "vector", "pointer_masking", "rv128", "kvmtimer", "envcfg", "debug", "smtateen", "jvt", "elp",
    "ssp", "ctr", "timer", "mseccfg",
)
"""As they follow each other."""


def unpacked(text: str) -> bytes:
    """A body as it was sent."""
    return zlib.decompress(b85decode(text))


def sent(data: bytes) -> str:
    """The subsections in a processor's body; each name stands behind its marker and length."""
    return " ".join(name for name in SUBSECTIONS if bytes((5, len(name) + 4)) + f"cpu/{name}".encode() in data)


@pytest.mark.parametrize("name", CPUS)
def test_a_processor_is_read_and_written_again(name: str) -> None:
    kind, settings, subsections = MADE[name]
    data = unpacked(CPUS[name])
    assert sent(data) == subsections
    found = decode(kind, data, qemufile)
    assert found.settings == settings
    assert encode(found, qemufile) == data


@pytest.mark.parametrize("name", CPUS)
def test_what_a_processor_sends_follows_from_what_came(name: str) -> None:
    kind, settings, _ = MADE[name]
    data = unpacked(CPUS[name])
    assert save(load(kind(**settings), data, qemufile), qemufile) == data


@pytest.mark.parametrize("name", CPUS)
def test_no_other_version_takes_it(name: str) -> None:
    kind, data = MADE[name][0], unpacked(CPUS[name])
    for other in {RiscvCpu, RiscvCpuV10, RiscvCpuV5, RiscvCpuV1} - {kind}:
        with pytest.raises(VersionRefused):
            decode(other, data, qemufile, version=record_of(kind).version)
        assert refusal(other, data) is not None


@pytest.mark.parametrize("name", CPUS)
def test_registers_are_where_the_guest_set_them(name: str) -> None:
    """The loop that it ends in; v9 of 128 bits; what a hypervisor delegates."""
    cpu = decode(MADE[name][0], unpacked(CPUS[name]), qemufile).state
    assert 0x8000_0000 <= cpu.pc < 0x8000_0200
    assert cpu.load_res in (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)
    if name in ("5", "10", "12"):
        assert list(cpu.vreg[18:20]) == [7, 8]
        assert cpu.hideleg == Interrupt.VSSI | Interrupt.VSTI | Interrupt.VSEI
        assert cpu.misa_ext & Misa.H


def test_a_new_processor_sends_what_its_model_has() -> None:
    plain = save(RiscvCpu(), qemufile)
    assert sent(plain) == "pmp hyper envcfg debug timer"
    assert sent(save(RiscvCpu(extensions=0), qemufile)) == "hyper envcfg"
    assert sent(save(RiscvCpu(extensions=0, emulated=False), qemufile)) == "hyper kvmtimer envcfg"
    wide = RiscvCpu(misa_ext=Misa.I, misa_mxl=Width.BITS_128, priv_ver=1)
    assert sent(save(wide, qemufile)) == "pmp rv128 debug timer"
    every = save(RiscvCpu(extensions=(1 << 13) - 1), qemufile)
    assert sent(every) == "pmp hyper vector envcfg debug smtateen jvt elp ssp ctr timer mseccfg"
    for bit in (Extension.SMEPMP, Extension.ZKR, Extension.SMMPM):
        assert sent(save(RiscvCpu(extensions=bit), qemufile)) == "hyper envcfg mseccfg"
    loaded = load(RiscvCpu(extensions=Extension.ZCMT), plain, qemufile)
    assert save(loaded, qemufile) == plain


def test_with_kvm_there_is_no_vector_but_v() -> None:
    guest = RiscvCpu(emulated=False, extensions=Extension.ZVE32X)
    assert "vector" not in sent(save(guest, qemufile))
    guest.misa_ext |= Misa.V
    assert "vector" in sent(save(guest, qemufile))


def test_older_ones_tell_their_features_themselves() -> None:
    assert sent(save(RiscvCpuV5(), qemufile)) == "pmp hyper envcfg debug"
    assert sent(save(RiscvCpuV5(features=0, misa_ext=Misa.I | Misa.J, priv_ver=1), qemufile)) == "pointer_masking"
    assert sent(save(RiscvCpuV1(), qemufile)) == "pmp"
    assert sent(save(RiscvCpuV1(features=0, misa=Misa.H | Misa.V), qemufile)) == "hyper vector"


@pytest.mark.parametrize("inhibits", [True, False])
def test_before_qemu_10_supervisors_do_not_inhibit_counters(inhibits: bool) -> None:
    data = save(RiscvCpuV10(inhibits_supervisor=inhibits), qemufile)
    found = decode(RiscvCpuV10, data, qemufile)
    assert found.settings == {"long_bits": 64, "inhibits_supervisor": inhibits}


@pytest.mark.parametrize("name", OTHERS)
def test_a_device_is_read_and_written_again(name: str) -> None:
    kind, version, settings = KINDS[name]
    data = unpacked(OTHERS[name])
    found = decode(kind, data, qemufile, version=version)
    assert found.settings == settings
    assert encode(found, qemufile) == data
    assert refusal(kind, data[:-3], version) is not None
    assert refusal(kind, data + b"\x01", version) is not None
    if version == record_of(kind).version:
        assert save(load(kind(**settings), data, qemufile), qemufile) == data


@pytest.mark.parametrize("name", ["1", "5 of 32 bits", "10", "12", "12 with Zcmt"])
def test_damage_is_refused_or_kept(name: str) -> None:
    kind, data, luck = MADE[name][0], unpacked(CPUS[name]), chance(name)
    for _ in range(20):
        at, bad = luck.randrange(len(data)), bytearray(data)
        bad[at] ^= 1 << luck.randrange(8)
        refusal(kind, bytes(bad))
        refusal(kind, data[:at])


@pytest.mark.parametrize("harts", [*range(1, 18), 19, 21, 64, 512])
def test_a_plics_length_tells_its_wiring(harts: int) -> None:
    words = 96 + 2 * harts + 3 + 3 + 3 * 2 * harts
    found = decode(SifivePlic, words * b"\0\0\0\1", qemufile)
    assert found.settings == {"num_sources": 96, "num_addrs": 2 * harts}


NEXT = bytes.fromhex("0400000007 06") + b"serial" + bytes(8 + 200)
"""Another section's beginning."""


@pytest.mark.parametrize("name", ["plic", "imsic", "aplic", "aplic 1", "mtimer", "mtimer 1"])
@pytest.mark.parametrize("behind", [NEXT, NEXT * 40])
def test_without_footers_the_next_section_tells_the_length(name: str, behind: bytes) -> None:
    kind, version, settings = KINDS[name]
    data = unpacked(OTHERS[name])
    reader, trial = qemufile.Reader(data + behind), Trial()
    Walk(reader, Mode.WIRE, trial).run(record_of(kind), kind(), version)
    assert reader.at == len(data)
    assert trial.chosen == settings


def test_what_looks_like_a_section_ends_nothing_by_its_mark_alone() -> None:
    timer = MtimerV1(num_harts=3, timecmp=[0, 0x0400_0000_0005_0607, 0])
    assert decode(MtimerV1, save(timer, qemufile), qemufile).settings == {"num_harts": 3}


def test_a_plic_as_long_as_two_boards_has_is_not_guessed() -> None:
    """20 harts of a `virt` and 5 of an `icicle-kit`."""
    data = bytes(4 * (187 + 9 + 6 + 6 + 9 * 6))
    with pytest.raises(VMStateError):
        decode(SifivePlic, data, qemufile)
    for sources, contexts in ((96, 40), (187, 9)):
        settings = {"num_sources": sources, "num_addrs": contexts}
        assert decode(SifivePlic, data, qemufile, settings=settings).settings == settings
        assert any(number == sources and contexts in possible for number, possible in BOARDS)


@pytest.mark.parametrize(("alarm", "clock", "strikes"), [
    (0, 400, True),  # never set, and yet: so do QEMU 7.2, 10.0 and 11.1
    (500, 400, False),
    (500, 600, True),
])
def test_an_alarm_strikes_when_its_time_is_over(alarm: int, clock: int, strikes: bool) -> None:
    data = save(GoldfishRtc(alarm_next=alarm, alarm_running=1), qemufile)
    loaded = load(GoldfishRtc(rtc_clock=clock), data, qemufile)
    assert (loaded.irq_pending, loaded.alarm_running) == (int(strikes), int(not strikes))
    assert save(load(GoldfishRtc(), data, qemufile), qemufile) == data


def test_an_old_clock_is_off_by_the_machines() -> None:
    old = GoldfishRtc(rtc_clock=700, vm_clock=200)
    load(old, unpacked(OTHERS["rtc 2"]), qemufile, version=2)
    assert old.tick_offset == old.tick_offset_vmstate - 500


@pytest.mark.parametrize("without", [(), (Trailer,)])
def test_all_of_a_machine_is_declared(without: tuple[type[Any], ...]) -> None:
    report = verify(Stream(rewritten(stream("rv64-virt-72"), without=without), registry()))
    assert report.ok, (report.error, report.findings)
    assert set(report.sections) == {"declared"}
