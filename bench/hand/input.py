"""By hand: the keyboard controller, keyboard and mouse, VMware's mouse."""

from __future__ import annotations

from struct import Struct
from typing import Any

from devices.input import pckbd, ps2, vmmouse

from .plain import Hand, four_octets, head, held, name, new, octet, packed, plain, refuse, unwritable

# -- pckbd

Pckbd, Controller = plain(pckbd.Pckbd), plain(pckbd.KeyboardController)
EXTENDED = Struct(">IIBB")
OUTPORT, EXTENSION = head("pckbd_outport"), head("pckbd/extended_state", 0)
pack_extended, take_extended = EXTENDED.pack, EXTENDED.unpack_from


def save_pckbd(o: Any) -> bytes:
    k = o.kbd
    k._tell_pending()
    data = four_octets(k.write_cmd, k.status, k.mode, k.pending_tmp)
    if k._is_outport_unusual():
        data += OUTPORT + octet(k.outport)
    if k._is_extended():
        data += EXTENSION + pack_extended(k.migration_flags, k.obsrc, k.obdata, k.cbdata)
    return data


def load_pckbd(data: bytes) -> Any:
    o = new(Pckbd)
    k = o.kbd = new(Controller)
    k.extended_state = True
    k.outport = 0xCF
    k.pending = k.migration_flags = k.obsrc = k.obdata = k.cbdata = 0
    return load_into_pckbd(o, data)


def load_into_pckbd(o: Any, data: bytes) -> Any:
    k = o.kbd
    k._forget()
    k.write_cmd, k.status, k.mode, k.pending_tmp = data[:4]
    at = 4
    while at < len(data):
        if data.startswith(EXTENSION, at):
            at += len(EXTENSION) + 10
            k.migration_flags, k.obsrc, k.obdata, k.cbdata = take_extended(data, at - 10)
            k._extended_state_is_there(0)
        elif data.startswith(OUTPORT, at):
            at += len(OUTPORT) + 1
            k.outport = data[at - 1]
            k._outport_is_there(1)
        else:
            refuse("no subsection of pckbd")
    k._derive(3)
    return o


# -- ps2kbd, ps2mouse

Ps2Keyboard, Ps2Mouse, Ps2Device = plain(ps2.Ps2Keyboard), plain(ps2.Ps2Mouse), plain(ps2.Ps2Device)
KEYBOARD, MOUSE, NUMBER, VERSIONED = Struct(">iiii256siii"), Struct(">iiii256sBBBBBBiiiB"), Struct(">i"), Struct(">Ii")
LIGHTS, HIGH_BIT, REPLIES = name("ps2kbd/ledstate"), head("ps2kbd/need_high_bit"), head("ps2kbd/command_reply_queue", 0)
pack_keyboard, take_keyboard = KEYBOARD.pack, KEYBOARD.unpack_from
pack_mouse, take_mouse = MOUSE.pack, MOUSE.unpack_from
pack_number, take_number = NUMBER.pack, NUMBER.unpack_from
pack_versioned, take_versioned = VERSIONED.pack, VERSIONED.unpack_from


def save_ps2kbd(o: Any) -> bytes:
    p = o.parent
    if len(p.data) != 256:
        unwritable("data")
    data = pack_keyboard(
        p.write_cmd, p.rptr, p.wptr, p.count, p.data, o.scan_enabled, o.translate, o.scancode_set)
    if o._has_lights():
        data += LIGHTS + pack_versioned(3, o.ledstate)
    if o._is_releasing():
        data += HIGH_BIT + (b"\1" if o.need_high_bit else b"\0")
    if o._has_replies():
        data += REPLIES + pack_number(o.cwptr)
    return data


def load_ps2kbd(data: bytes) -> Any:
    o = new(Ps2Keyboard)
    o.parent = new(Ps2Device)
    o.ledstate, o.need_high_bit, o.cwptr = 0, False, -1
    return load_into_ps2kbd(o, data)


def load_into_ps2kbd(o: Any, data: bytes) -> Any:
    p = o.parent
    (p.write_cmd, p.rptr, p.wptr, p.count, queue, o.scan_enabled, o.translate,
     o.scancode_set) = take_keyboard(data, 0)
    p.data = bytearray(queue)
    at = 284
    while at < len(data):
        if data.startswith(LIGHTS, at):
            at += len(LIGHTS) + 8
            version, o.ledstate = take_versioned(data, at - 8)
            if version & 0xFF not in (2, 3):
                refuse("ps2kbd/ledstate")
        elif data.startswith(HIGH_BIT, at):
            at += len(HIGH_BIT) + 1
            o.need_high_bit = data[at - 1] != 0
        elif data.startswith(REPLIES, at):
            at += len(REPLIES) + 4
            (o.cwptr,) = take_number(data, at - 4)
        else:
            refuse("no subsection of ps2kbd")
    o._settle(3)
    return o


def save_ps2mouse(o: Any) -> bytes:
    p = o.parent
    if len(p.data) != 256:
        unwritable("data")
    return pack_mouse(
        p.write_cmd, p.rptr, p.wptr, p.count, p.data, o.status, o.resolution, o.sample_rate, o.wrap, o.type,
        o.detect_state, o.dx, o.dy, o.dz, o.buttons)


def load_ps2mouse(data: bytes) -> Any:
    o = new(Ps2Mouse)
    o.parent = new(Ps2Device)
    return load_into_ps2mouse(o, data)


def load_into_ps2mouse(o: Any, data: bytes) -> Any:
    if len(data) != 291:
        refuse("ps2mouse has 291 bytes")
    p = o.parent
    (p.write_cmd, p.rptr, p.wptr, p.count, queue, o.status, o.resolution, o.sample_rate, o.wrap, o.type,
     o.detect_state, o.dx, o.dy, o.dz, o.buttons) = take_mouse(data, 0)
    p.data = bytearray(queue)
    o._settle(2)
    return o


# -- vmmouse

VmMouse = plain(vmmouse.VmMouse)
TAIL = Struct(">HHB")
pack_tail, take_tail = TAIL.pack, TAIL.unpack_from


def save_vmmouse(o: Any) -> bytes:
    if len(o.queue) != o.queue_size:
        unwritable("queue")
    return b"".join((pack_number(o.queue_size), packed("I", o.queue), pack_tail(o.nb_queue, o.status, o.absolute)))


def load_vmmouse(data: bytes) -> Any:
    o = new(VmMouse)
    o.queue_size = 1024
    return load_into_vmmouse(o, data)


def load_into_vmmouse(o: Any, data: bytes) -> Any:
    if len(data) != 4105:
        refuse("vmmouse has 4105 bytes")
    (size,) = take_number(data, 0)
    if size != o.queue_size:
        refuse("queue_size")
    o.queue = held("I", data[4:4100])
    o.nb_queue, o.status, o.absolute = take_tail(data, 4100)
    return o


HAND = {
    pckbd.Pckbd: Hand(save_pckbd, load_pckbd, load_into_pckbd),
    ps2.Ps2Keyboard: Hand(save_ps2kbd, load_ps2kbd, load_into_ps2kbd),
    ps2.Ps2Mouse: Hand(save_ps2mouse, load_ps2mouse, load_into_ps2mouse),
    vmmouse.VmMouse: Hand(save_vmmouse, load_vmmouse, load_into_vmmouse),
}
