"""Sound cards: bodies out of streams of QEMU 5.2 to 11.1, and what hooks make of them.

A program in ROM had set them all to work.
"""

from typing import Any

import pytest

from devices.audio.ac97 import Ac97, Control, Status
from devices.audio.cs4231a import Cs4231a
from devices.audio.es1370 import Es1370
from devices.audio.gus import MEMORY, Gus
from devices.audio.hda import HdaAudio, IntelHda
from devices.audio.sb16 import Sb16
from tests.devices.bodies import is_read_and_written_again, is_sent_as_it_came, loaded, survives_mutation, unpacked
from visitors import qemufile
from vmstate import VMStateError, decode, load, save

PACKED: dict[str, tuple[type[Any], str]] = {
    "es1370 10.0": (Es1370, (
        "c-muNU|=c{VhCVoU|?ZjU<6_yd4K^YaPsu=K@ni&X<!(pfbl=$e+D)Xi}^p0U;?q2{xkh&U<a|-|6|pZ!H@_f6M&cp%vWII0RX0X3f2")),
    "ac97 5.2": (Ac97, (
        "c-muNU|?!%5LIDk=wM=GU}Rwc0>&die1ZWh_#(w1h$6tqFdP6jUpU~E7hqsuXJ_DNVBnAi%X4rrG%&E>F;Bh=o5kGRtgJw-P{7Z?$-&5=6xO"
        "gC0;%J<mS%>sfev5*=En_;")),
    "intel-hda 7.2": (IntelHda, (
        "c-muNU|?!%$WUWvkYHeBU}j-}fCmgXz!xb7K@gn)6JP`*ynvOVfnksXMl5`05I(@b@E?c;z@h>IFnJLuW`gpa7z7lM<xW8LGlJzf8zAQMGcZ"
        "VfVNe3;Q^4aGTF9vgFvu}5@I^pX0o~&u$RJ=qGy9<7z`&5~@CpEy*ACA")),
    "hda-duplex 11.1": (HdaAudio, (
        "c-rmSAr8V&3<lsgfd|DEFw4wv2(B`+w}2odgI$C>A@DfPvH*i2kRaLjCGDTIuDT(FBs?uAk2de?JshynbX^u{(UhBAx<Ayh*k-Gys$%Ur000"
        "000002+PtN%(ua~Yb#;4fjtUYGo^Q|K93vU$w00000001yFx1LMzv*f$|9kn<iPy")),
    "hda-output 10.0": (HdaAudio, (
        "c-rmIy$Qll6b8^2!2ztCB3J}$v~ZOtNr;6A(d=R2D)xdCWCw?^QsdtMf|Z^F_kM71_k|FW@Gu*6D|^lR_{aLgDvxPw^2I7$Z|Wj0NAspEi&{"
        "GX00000008hqddJ-}+wDE3`@`wlxlGPu<-pe@pZ#xB_Z3?")),
    "hda-duplex 7.2, without a timer": (HdaAudio, "c-muNfCE7w_JU#tMut&<5;CJ;6pRA80RS&i0Js"),
    "sb16 5.2": (Sb16, (
        "c-muNU|?lnU|?hb(@Y8s3@k7{41)j%lx9TGVM_mj04l}=#3Bp`z{tRW#{0oA3IzVc!euGxnpZ(6CTM`Jae)Rb&;S1{|2u$~0SJ|V7!#BOaR;"
        "1t;(`KJ@Si-uz@)_Re;@$>wEF3K")),
    "sb16 11.1": (Sb16, (
        "c-muNzzP_VFbHrUi9_iyrT;(x6=MQo5j6d%ydMmsK;S<tT$Ylqc@>0Wf(Gas7ihrp{QuALzXOOFfKUmDF+n*HcfffkE+}9H|H%UkOiB#@2ND"
        "1PBFO1P")),
    "gus 10.0": (Gus, (
        "c-rmIp$&jA5J1r@G+_fY)37XSV3`R>1&Xu+P`oE<esZ~9#HHI$5jh3L;sgKy000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000PwxkC{KDSZ@y{WEAtyYuc_Mmxivpe^*(I1UJg*(?~VV%1EUiF0Kjh?ZQ2I-")),
    "cs4231a 7.2": (Cs4231a, "c-muNVBln+2y_5}fKW6m149=B^M4Q@EWBU=OaUW=5&*LS=j8^P"),
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
        is_sent_as_it_came(*BODIES[name])

    def test_mutated_bytes(self, name: str) -> None:
        survives_mutation(*BODIES[name])


def test_what_the_program_set() -> None:
    es, ac, cs, gus = (body(name) for name in ("es1370 10.0", "ac97 5.2", "cs4231a 7.2", "gus 10.0"))
    assert [(one.shift, one.frame_addr, one.frame_cnt) for one in es.chan] == [
        (0, 0x60000, 0x3FF), (2, 0x70000, 0x7FF), (0, 0, 0)]
    assert [Status(one.sr) for one in ac.bm_regs] == [
        Status.HALTED, Status.HALTED | Status.AT_LAST_VALID | Status.LAST_VALID_DONE | Status.BUFFER_DONE,
        Status.HALTED]
    assert ac.bm_regs[1].cr == ~Control.RESET & 0x1F
    assert (cs.dregs[6:10].hex(), cs.dregs[15]) == ("10125b05", 0xFF)
    assert gus.himem[MEMORY + 33] == 1


def test_sound_blasters() -> None:
    old, new = body("sb16 5.2"), body("sb16 11.1")
    assert (old.tells_wires, old.irq, old.dma, old.hdma, old.port, old.ver) == (True, 5, 1, 5, 0x220, 0x405)
    assert not new.tells_wires
    assert (new.freq, new.cmd, new.in_index, new.needed_bytes) == (22050, 0x14, 1, 2)
    assert save(Sb16(tells_wires=True), qemufile)[20:] == save(Sb16(), qemufile)[20:]


@pytest.mark.parametrize(("at", "most"), [(20, 10), (24, 50)])
def test_more_than_a_sound_blaster_holds(at: int, most: int) -> None:
    data = bytearray(BODIES["sb16 11.1"][1])
    data[at:at + 4] = most.to_bytes(4, "big")
    assert decode(Sb16, bytes(data), qemufile).state.port == 0x220
    for wrong in (most + 1, 1 << 31):
        data[at:at + 4] = wrong.to_bytes(4, "big")
        with pytest.raises(VMStateError, match=r"in_index|out_data_len"):
            load(Sb16(), bytes(data), qemufile)


def test_what_follows_from_registers() -> None:
    es = Es1370(sctl=0b11_10_01)
    assert [one.shift for one in load(Es1370(), save(es, qemufile), qemufile).chan] == [1, 1, 2]
    ac = Ac97(mixer_data=bytearray(b"\xff" * 256))
    assert load(Ac97(), save(ac, qemufile), qemufile).mixer_data[:0x1E].hex() == (
        "ffff3fbf" + "ff" * 20 + "1f9f" + "0707" + "0f8f")


def test_an_older_ac97() -> None:
    data = BODIES["ac97 5.2"][1]
    old = decode(Ac97, data + bytes(3), qemufile, version=2).state
    assert old == body("ac97 5.2")


@pytest.mark.parametrize(("changes", "waits"), [
    ({}, 0), ({"rirb_sts": 1}, 1 << 30), ({"rirb_sts": 4, "int_ctl": 1 << 30}, 3 << 30), ({"rirb_sts": 2}, 0),
    ({"state_sts": 3, "wake_en": 2}, 1 << 30), ({"int_sts": 0xFFFF}, 0)])
def test_what_waits_of_hd_audio(changes: dict[str, int], waits: int) -> None:
    controller = IntelHda()
    for name, value in changes.items():
        setattr(controller, name, value)
    assert load(IntelHda(), save(controller, qemufile), qemufile).int_sts == waits


def test_a_stream_that_is_done_waits() -> None:
    controller = IntelHda(int_ctl=1 << 4)
    controller.st[4].ctl |= 1 << 26
    assert load(IntelHda(), save(controller, qemufile), qemufile).int_sts == 1 << 31 | 1 << 4
    assert body("intel-hda 7.2").int_sts == 1 << 31 | 1 << 30 | 1 << 4


@pytest.mark.parametrize(("name", "buffered"), [
    ("hda-duplex 11.1", [True, True, False, False]), ("hda-output 10.0", [True, False, False, False]),
    ("hda-duplex 7.2, without a timer", [False] * 4)])
def test_which_streams_a_codec_has(name: str, buffered: list[bool]) -> None:
    """As a new hda-duplex has them, so the last two are told."""
    assert [one.buffered for one in loaded(*BODIES[name]).st] == buffered
    assert [one.buffered for one in HdaAudio().st] == [True, True, False, False]


def test_a_codec_of_version_1_tells_what_plays() -> None:
    data = BODIES["hda-duplex 11.1"][1][:-32]
    codec = load(HdaAudio(), data, qemufile, version=1)
    assert [i for i, one in enumerate(codec.running_real) if one] == [17]
    assert codec.running_real == body("hda-duplex 11.1").running_real
