"""Disk controllers and drives: bodies out of streams of QEMU 5.2 to 11.1."""

from typing import Any

import pytest

from devices.block.esp import COMMANDS, FIFO, NEWEST, OldEsp, PciEsp
from devices.block.fdc import Fdc
from devices.block.lsi53c895a import LsiScsi
from devices.block.mptsas import IocState, Mptsas
from devices.block.nvme import CompletionQueue, Nvme, SubmissionQueue
from devices.block.pvscsi import Pvscsi
from devices.block.scsi import Adapter
from devices.pci.device import CONVENTIONAL_SIZE, EXPRESS_SIZE
from tests.devices.cuttings import Body, is_rewritten, mutated, no_part_is_one, understood, unpacked
from visitors import qemufile
from vmstate import HookRefused, decode, load, save

BODIES: dict[str, tuple[str, int, str]] = {
    "an LSI 53C895A that has booted, QEMU 10.0": (
        "lsiscsi", 1, (
        "c-rmI!3l#v5QX8l8d&kP<eCOjN{&{cH*2sLoABl~60j1JS#iM-0y)e7!3?v^umdBhP`JuFB~C9((W+%$6)nDn<D+&ut75yyPwi8xK1OoYH5QW;"
        "?NXQ0r^bD23>yDm-`oG)W8ZNT00000000000000$_6A884v_")),
    "a MegaRAID that has booted, QEMU 7.2": (
        "megasas", 0,
        ("c-muNU|?bpNMK-R6kuRrU}0nckqmqOfoR49AodP08x917K?)f%pj<9S1`NQ;(7=EV2nO&mFem^S77RlMFpdcR1|a?q1o%P%00}D#b^")),
    "a MegaRAID of the second generation, QEMU 11.1": (
        "megasas-gen2", 0, (
        "c-rmI%?X1*5QgD*WJ3-CSv%N+1>~4A(t<Zz@MaBGU<sCx$~3bgxhR3;>i59>!7zsb3S!6AA`r|I_VSK;&V3-Q^&>VzF5@=djGYTTN2+IuCBOgR"
        "C$TL^+sP`d`C#jgh=_=Yh=_>%$4)U%9*g_-i8t2X4B7")),
    "a SAS1068 that has booted, QEMU 5.2": (
        "mptsas", 0, (
        "c-muNU|?bp2w`An6kq@XMlf*zMDG8`z_9Nh13D03XaG?TP%alx2P;Hq*Z@Wa22iLlfe1zpm?#UwC>RB!U?c%HFlJ(6<$xBAqhLe=E+}Sz)sdWx"
        "zv_-K{;GWf#A}f769|UMm8PI#ka(R10X(SGFfgQDfZ%kF(R6?YY#D5M&QH0_bAB631AD+Zp7VQu@SNWl55!k_&hKBtbN*m9&-q975V^;#5c&xt"
        "h#rcV=fZ^JAbK?7G1CD9-@-Y=29E;rfDwZ+uy)|U>?!~N#MvPb")),
    "a pvscsi that has booted, QEMU 11.1": (
        "pvscsi", 0, (
        "c-muRARaJ6u>3s;SN<-;hz9a^MzZf2!O4Mv@$Un0SO9T7gnwZ~Ckn>D2N*^;aEH;X+y!OD$;Fxa1<9GIP(h}(q6gU783h=aKuPF7P^4l1KU^k("
        ")Pm?5D4&awGMBM3G%$>UQ7{Td!6+C7qhJ(_f>AIEM!_f;1*3re005J76@L")),
    "a conventional pvscsi, QEMU 7.2": (
        "pvscsi", 0, (
        "c-muNU|?D+dVrmsQGfvm7#aS9sDytExB*yU0F=YUh^c^;p@Cs214a_n0x|zR2$%mZ!-xj_cSf@B8KFt%?*kAi55)Bl{)Lg9D*hf|7~#MHMgst`"
        "9}Yk")),
    "an Am53C974 that has booted, QEMU 5.2": (
        "pciespscsi", 1,
        ("c-muNU|>=bP*7lJ<X{kBU|?hb0>%RjIKdYw20>&#7bC-P04Tm_1`!+#3>(ssXk@^_FrgV3SnNoAoWY<0A_S3bV1i->l7bEZE`tY6")),
    "an Am53C974 in the middle of a command, QEMU 7.2": (
        "pciespscsi", 2, (
        "c-muNU|>=bP*7lJWMB|rU;vUp;s66q@I{J25Sh=#$S~|cGZ0Gy@zcCt5Z~qhV&p)QX9Hp<Mg|rpcBlYQu@kBhOz386Kxsz&;u)za`YEYpnaQcq"
        "h8D5N3IXS-49@")),
    "a DC-390 that has booted, QEMU 11.1": (
        "pciespscsi", 2, (
        "c-muNU|>=bP*7lJ<X{kBU|?hb0>%RjIKdYw20>&#7bC-P04Tm_1`!+#3_H>hv;dMk2M|tZ7GPmuM~F<o5)MpA25W!_L1c?~F~sW`7!n%xAG;XJ"
        "z;I(1@22(jC@us5^RW*|")),
    "its drive, which could not read; QEMU 10.0": (
        "scsi-disk", 1,
        ("c-muNU|=X<U;~m2Tp&V|fi{3q1IECkhJgvj1OR6S0M`")),
    "the drive of a SAS1068, which could not write; QEMU 11.1": (
        "scsi-disk", 1,
        ("c-muNU|=X<U;~m2Tp&V|fi{3q3rvC$81P(EWPwQv2r)3QC|={ir=Ed{f#KN#KBy=N)F33FdKi$DGcW)E#fJq;")),
    "an NVMe controller with queues, QEMU 11.1": (
        "nvme", 1, (
        "c-rmUO-_U`6u|M<4hc0Onc~XmVmJaM#x=&ob9j_FgD3P5?#K7|m_dO^goVcckCgISXc<B#VWvey{KH+8RBpuk;6x=NZ!+WkR&vYhzCe%2j~W%a"
        "T}~h4WG6x9#g|tpjuLG<Pnz|_UZns40001hRov1FVq)U|8rPxNyYwV3xs*Mh_i6LJE+%%RvEb_!00000fIq}FPxYB^0^dFH&;NAzWa~#63>G@`"
        ")t7=&+ueAKPc@FSap@*k#q=YbF8O^byMt|BEoddx<;S#xpebsqtuy_cK~vOJXWX{{00000U~A!<7ytkO000000001hU#c14zwCeRYH*09_B9F7"
        "D%_{J6m4_YR^i2uE25OERKv*|{oI4@YzpnwP0Z|QySBHpYPFxM)<)KyT6Y=;ZY)gt09Ioq?E")),
    "an NVMe controller with an event, QEMU 11.1": (
        "nvme", 1, (
        "c-rmUK~97)7>41mg$$UGOmSs&F&v?j7}q2wp2MTe89bqfa6kTq;y4+IL|tg|KBTner)4s%3N4cS!(C9N8+l(lnNoVyg11|>DetEP)}lRlsk3sN"
        "Z{t*`*0S*YqVAxO%56F9XU>WO0000006*f^2IlL1-ECcUlq*k>r;l^Td~4e<+Mh=K9e+Cj00000|A-q#^^HG!DzN-W;W6zC4HFG6g3kF|7!OPn"
        "2Tu8YrDB(gS1W#6W!tye1!_ydQlBo?Slv>v)HmFA000000Px%DFX{jQ00000000000Q^zI1pjsKx%WBW<TQR|Af$jhTZ%Atcbx)W{xT30<Novd"
        "g-y<LkDax2Gm9I>=IO(Q7WPYF>m<h9)s7pCS?|$x4K@")),
    "IDE on ISA in the middle of reading, QEMU 10.0": (
        "isa-ide", 3, (
        "c-rmC!3l#v5CzcLfaEHqkhJ2_n*`j$o)V&@rj%tTW*353#C!0E`NKq1eH^YeDMf5!Yu&BPd79tllkczcoR;;m=JxRq00000000000000000000"
        "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "0000000000000000000000000006+*7?Hl`Lw{_Su8x%UeH&W+0mXt1Rs")),
    "IDE that could not write, QEMU 11.1": (
        "ide", 3, (
        "c-rmKv5FHx7y#gZHim#AL;@C8Yb_WRtrOt{MGo$i)VY&vkt!jHhlNNgA10NRC^o);?~vZc;#!HDBZ<+RSc>|6!w&!aGqbZhGZB%!p4NwzG|gg~"
        "Qk)}w{2rfPiz_<=re*n;)VF_r_3XG9)yw@}(S7!O+$=_;!Kln-Ta#B4(<+tP>)uz9wN_*H4{w$7+xeDC`I-xH^UjTX%hrR#&i=#v$^E^(r;qZ-"
        "`7hO{<wBRvJ|U}>RXtiUua)bi<<Zp2Qi&I<67BQ;=Sy6T>+P6CyR7d<yOnRY;ONK0-g5LOk173qH!H2L)BIrBtTvW6s5k1L6wP6O&>c^XC&l{i"
        "yi1i2@$!8ZZ{t(r^z+x?Khl}m0{{R300000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "00000000000000000000000000000000000000000000000000000000000000000000000001XWoLET%G5WRlvdIFU>Q^!{a(@Sjru1=bJ!nr"
        "$CKkpv7Wpr*-Zcd00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000;AhpXxW0)xv&AB2orpIFzw7%368T8q")),
    "a floppy controller after a seek, QEMU 5.2": (
        "fdc", 2, (
        "c-m_?Aj81WpuoT&)WXUz3PwC&gir|#3``8HjI1JQDMguOsrtF8DVd4!$r*`x>8UATWvqfIQbma+sSt6PmV(rxg4Dc}%;eIX#3GOs3lQVb#S8!_"
        "Ss>H")),
    "a floppy controller without rates, QEMU 5.2": (
        "fdc", 2,
        ("c-mt)z{9}Mz`(%30>q4rOiT>h7|sfRdHt7R6pSDcx(do*WMp9CVq{2QU|?coU<C333w#GW")),
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

def test_an_lsi() -> None:
    adapter = state("an LSI 53C895A that has booted, QEMU 10.0")
    new = LsiScsi()
    assert (adapter.scid, adapter.respid0, adapter.dcmd) != (0, 0, 0)
    assert (new.scid, new.scntl0, new.ctest2) == (7, 0xC0, 1)


@pytest.mark.parametrize("length", [-1, 9])
def test_a_message_that_does_not_fit(length: int) -> None:
    with pytest.raises(HookRefused, match=f"a message of {length} bytes"):
        load(LsiScsi(), save(LsiScsi(msg_len=length), qemufile), qemufile)


def test_a_megaraid() -> None:
    first = state("a MegaRAID that has booted, QEMU 7.2")
    second = state("a MegaRAID of the second generation, QEMU 11.1")
    assert (first.parent.config_size, second.parent.config_size) == (CONVENTIONAL_SIZE, EXPRESS_SIZE)
    assert (second.fw_state, second.intr_mask) == (type(second)().fw_state, type(second)().intr_mask)


def test_a_sas1068() -> None:
    adapter = state("a SAS1068 that has booted, QEMU 5.2")
    assert (adapter.state, adapter.max_buses, adapter.max_devices) == (IocState.OPERATIONAL, 1, 8)
    assert adapter.reply_free_head <= adapter.reply_free_tail


@pytest.mark.parametrize("change", [
    {"doorbell_idx": 1}, {"doorbell_cnt": 257}, {"doorbell_reply_idx": 1}, {"doorbell_reply_size": 257},
    {"request_post_head": 130}, {"reply_post_tail": 130}, {"reply_free_head": 65535}, {"diagnostic_idx": 5},
])
def test_what_a_sas1068_refuses(change: dict[str, Any]) -> None:
    data = save(Mptsas(**change), qemufile)
    with pytest.raises(HookRefused):
        load(Mptsas(), data, qemufile)


@pytest.mark.parametrize(("title", "size"), [
    ("a pvscsi that has booted, QEMU 11.1", EXPRESS_SIZE), ("a conventional pvscsi, QEMU 7.2", CONVENTIONAL_SIZE)])
def test_where_the_function_of_a_pvscsi_is(title: str, size: int) -> None:
    found = understood(BODIES[title])
    assert found.state.is_express == (size == EXPRESS_SIZE)
    assert found.state.parent.config_size == len(found.state.parent.config) == size
    assert unpacked(BODIES[title])[:4] == bytes.fromhex("01000000" if found.state.is_express else "00000002")


def test_a_new_pvscsi_is_express() -> None:
    assert len(save(Pvscsi(), qemufile)) > EXPRESS_SIZE


# -- ESP: one chip, four shapes of its record

@pytest.mark.parametrize(("title", "version", "fields"), [
    ("an Am53C974 in the middle of a command, QEMU 7.2", 6, ("ti_cmd", "lun")),
    ("a DC-390 that has booted, QEMU 11.1", 8, ("lun", "drq_state", "asc_mode")),
])
def test_an_esp_says_its_version(title: str, version: int, fields: tuple[str, ...]) -> None:
    adapter, data = state(title), unpacked(BODIES[title])
    assert (adapter.mig_version_id, adapter.chip_version) == (version, version)
    assert (adapter.esp.fifo.capacity, adapter.esp.cmdfifo.capacity) == (FIFO, COMMANDS)
    for i, name in enumerate(reversed(fields)):
        changed = bytearray(data)
        changed[-1 - i] = 1
        assert getattr(decode(PciEsp, bytes(changed), qemufile, version=2).state.esp, name) == 1


def test_an_old_esp_is_taken_over() -> None:
    body = BODIES["an Am53C974 that has booted, QEMU 5.2"]
    found = understood(body)
    old = found.state.old
    adapter = load(PciEsp(), unpacked(body), qemufile, version=1, settings=found.settings)
    assert (adapter.esp.wregs, adapter.esp.status) == (old.wregs, old.status)
    assert adapter.mig_version_id == NEWEST


def test_what_waited_in_an_old_esp_goes_into_its_queues() -> None:
    adapter = PciEsp()
    adapter.esp.take(OldEsp(
        ti_rptr=2, ti_wptr=5, ti_buf=bytearray(b"abc".ljust(16)), dma_left=0x123456, cmdlen=18,
        cmdbuf=bytearray(range(16)), cmdbuf_rest=bytearray(range(16, 32))))
    esp = adapter.esp
    assert (esp.fifo.num, esp.fifo.data[:3], esp.cmdfifo.num) == (3, b"abc", 18)
    assert esp.cmdfifo.data[:18] == bytes(range(18))
    assert (esp.rregs[0], esp.rregs[1], esp.rregs[14]) == (0x56, 0x34, 0x12)


@pytest.mark.parametrize("change", [{"ti_wptr": 17}, {"ti_rptr": 1}, {"cmdlen": 33}])
def test_what_does_not_fit_into_its_queues(change: dict[str, Any]) -> None:
    with pytest.raises(HookRefused, match="16 and 32 fit"):
        PciEsp().esp.take(OldEsp(**change))


# -- drives that have not finished

@pytest.mark.parametrize(("title", "adapter", "command"), [
    ("its drive, which could not read; QEMU 10.0", Adapter.OTHER, 0x28),
    ("the drive of a SAS1068, which could not write; QEMU 11.1", Adapter.MPTSAS, 0x2A),
])
def test_a_command_that_starts_anew(title: str, adapter: Adapter, command: int) -> None:
    found = understood(BODIES[title])
    (request,) = found.state.qdev.requests
    assert found.settings["qdev.adapter"] == adapter
    assert (request.retry, request.opcode, request.sector_count) == (1, command, 1)


def test_ide_tells_what_has_failed() -> None:
    controller = state("IDE that could not write, QEMU 11.1")
    assert [bus.error_status for bus in controller.buses] == [0x10, 0]
    assert controller.primary[0].req_nb_sectors == 1
    drives = state("IDE on ISA in the middle of reading, QEMU 10.0").drives
    assert (drives[0].cur_io_buffer_offset, drives[0].cur_io_buffer_len) == (88, 424)  # 300 words of two sectors


# -- NVMe

def test_queues() -> None:
    controller = state("an NVMe controller with queues, QEMU 11.1")
    assert [one is not None for one in controller.sq] == [True] * 3 + [False] * 62
    assert [one.size for one in controller.cq[:3]] == [16, 8, 8]
    assert [one.cmd.opcode for one in controller.aer_reqs] == [0x0C, 0x0C]  # the third was answered
    assert (len(controller.namespace.id_ns.lbaf), controller.namespace.caches_writes) == (64, True)
    small = state("an NVMe controller with an event, QEMU 11.1")
    assert (len(small.sq), len(small.cq), small.aer_queued) == (5, 5, 1)
    assert [(one.result.event_type, one.result.log_page) for one in small.aer_queue] == [(1, 2)]


@pytest.mark.parametrize(("sq", "cq", "why"), [
    (SubmissionQueue(sqid=1), None, "submission queue 0 says that it is 1"),
    (SubmissionQueue(), None, "submission queue 0 has no completion queue 0"),
    (SubmissionQueue(cqid=70), CompletionQueue(), "submission queue 0 has no completion queue 70"),
    (None, CompletionQueue(cqid=2), "completion queue 0 says that it is 2"),
])
def test_queues_that_do_not_go_together(
    sq: SubmissionQueue | None, cq: CompletionQueue | None, why: str
) -> None:
    controller = Nvme()
    controller.sq[0], controller.cq[0] = sq, cq
    with pytest.raises(HookRefused, match=why):
        load(Nvme(), save(controller, qemufile), qemufile)


# -- floppies

def test_a_drive_shows_that_there_is_a_medium() -> None:
    drive, other = state("a floppy controller after a seek, QEMU 5.2").state.drives
    assert (drive.media_changed, drive.perpendicular, drive.track) == (0, 4, 5)
    assert (other.media_changed, other.has_backend) == (1, False)


def test_rates_are_sent_or_not() -> None:
    without, usual = state("a floppy controller without rates, QEMU 5.2"), Fdc()
    assert [one.checks_rate for one in without.state.drives] == [False, False]
    assert b"fdrive/media_rate" in save(usual, qemufile)
    assert b"fdrive/media_rate" not in save(without, qemufile)
