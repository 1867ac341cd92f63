"""USB keyboard, mouse and tablet: the events that the guest has not asked for yet.

QEMU hw/usb/dev-hid.c, hw/input/hid.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from enum import IntFlag

from vmstate import array, int32, local, nested, post_load, state, uint8, uint16, uint32

from .device import UsbDevice

QUEUED, PRESSED = 16, 16


class Button(IntFlag):
    """Those of a mouse or tablet."""

    LEFT = 0x01
    RIGHT = 0x02
    MIDDLE = 0x04
    SIDE = 0x08
    EXTRA = 0x10


class Light(IntFlag):
    """Those of a keyboard."""

    NUM_LOCK = 0x01
    CAPS_LOCK = 0x02
    SCROLL_LOCK = 0x04
    COMPOSE = 0x08
    KANA = 0x10


@state("HIDPointerEventQueue")
class PointerEvent:
    """By how much a mouse was moved, or where on a tablet, of 32767 either way; with the wheel and the buttons."""

    xdx: int = int32()
    ydy: int = int32()
    dz: int = int32()
    buttons_state: int = int32(means=Button)


@state("HIDPointerDevice")
class Pointer:
    """The queue of events, a ring of 16."""

    relative: bool = local(True)  # a mouse, not a tablet

    queue: list[PointerEvent] = array(nested(PointerEvent), QUEUED, name="ptr.queue")
    head: int = uint32()
    n: int = uint32()
    protocol: int = int32(means="0 boot, 1 report")
    idle: int = uint8(means="4 ms: how often it reports with nothing new; 0 never")

    @post_load
    def _leave_room(self, version: int) -> None:
        """Of a full queue, as old versions of QEMU may have it, the last event is kept."""
        if self.n != QUEUED:
            return
        last = self.queue[(self.head + self.n) % QUEUED]
        if self.relative:
            last.xdx = last.ydy = 0
        self.queue[0] = PointerEvent(xdx=last.xdx, ydy=last.ydy, dz=last.dz, buttons_state=last.buttons_state)
        self.head, self.n = 0, 1


@state("HIDKeyboardDevice")
class Keyboard:
    """The queue of scancodes, a ring of 16, and the keys that are down."""

    keycodes: list[int] = array(uint32(), QUEUED, name="kbd.keycodes")
    head: int = uint32()
    n: int = uint32()
    modifiers: int = uint16(name="kbd.modifiers", means="bit 0 control, 1 shift, 2 alt, 3 GUI; 4 to 7 those at right")
    leds: int = uint8(name="kbd.leds", means=Light)
    key: list[int] = array(uint8(), PRESSED, name="kbd.key")
    keys: int = int32(name="kbd.keys", means="how many are down")
    protocol: int = int32(means="0 boot, 1 report")
    idle: int = uint8(means="4 ms: how often it reports with nothing new; 0 never")


@state("usb-ptr")
class UsbPointer:
    """A mouse or a tablet."""

    dev: UsbDevice = nested(UsbDevice)
    hid: Pointer = nested(Pointer)


@state("usb-kbd")
class UsbKeyboard:
    """A keyboard."""

    dev: UsbDevice = nested(UsbDevice)
    hid: Keyboard = nested(Keyboard)
