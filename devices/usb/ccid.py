"""USB reader of smart cards (CCID), and the card that a client passes through.

QEMU hw/usb/dev-smartcard-reader.c, ccid-card-passthru.c; checked against QEMU 5.2, 7.2, 10.0, and by its description
with 11.1. A card that is emulated has no section.
"""

from vmstate import array, buffer, nested, state, uint8, uint32, uint64, unused

from .device import SETUP, DeviceState

CONTROL_DATA, BULK_OUT, BULK_IN = 4096, 0x10000, 384
REPLIES, ANSWERS, PARAMETERS = 8, 128, 7
CARD_IN, ANSWER_TO_RESET = 0x10000, 40
FROM_ATHENA = bytes.fromhex("3bd518ff8091fe1fc38073c8211308")


@state("CCID BulkIn state")
class Reply:
    """A message to the guest."""

    data: bytearray = buffer(BULK_IN)
    length: int = uint32(name="len")
    pos: int = uint32(means="bytes that the guest has read")


@state("CCID Answer state")
class Answer:
    """Which command a card owes an answer to."""

    slot: int = uint8()
    seq: int = uint8()


@state("usb_device")
class CcidDevice:
    """What this device alone says of itself as a USB device; its state comes last."""

    addr: int = uint8()
    setup_buf: bytearray = buffer(SETUP)
    data_buf: bytearray = buffer(CONTROL_DATA)


@state("usb-ccid")
class UsbCcid:
    """The reader, with its messages in either direction. It has one slot."""

    dev: CcidDevice = nested(CcidDevice, since=1)
    debug: int = uint8()
    bulk_out_data: bytearray = buffer(BULK_OUT)
    bulk_out_pos: int = uint32()
    slot_state: int = uint8(name="bmSlotICCState", means="bit 0: a card is there, bit 1: that has changed")
    powered: int = uint8(reset=1)
    notify_slot_change: int = uint8()
    last_answer_error: int = uint64()
    error: int = uint8(name="bError")
    command_status: int = uint8(name="bmCommandStatus")
    protocol: int = uint8(name="bProtocolNum", means="T=0 or T=1")
    parameters: bytearray = buffer(
        PARAMETERS, name="abProtocolDataStructure.data", reset=bytes.fromhex("7700000000fe00"))
    parameters_size: int = uint32(name="ulProtocolDataStructureSize")
    bulk_in_pending: list[Reply] = array(nested(Reply), REPLIES, since=1)
    bulk_in_pending_start: int = uint32()
    bulk_in_pending_end: int = uint32()
    pending_answers: list[Answer] = array(nested(Answer), ANSWERS, since=1)
    pending_answers_num: int = uint32()
    _migration_state = unused(1)
    state_vmstate: int = uint32(reset=DeviceState.ATTACHED, means=DeviceState)


@state("ccid-card-passthru")
class PassthroughCard:
    """What of a message has come from the client, and what the card answers to a reset."""

    vscard_in_data: bytearray = buffer(CARD_IN)
    vscard_in_pos: int = uint32()
    vscard_in_hdr: int = uint32()
    atr: bytearray = buffer(ANSWER_TO_RESET, reset=FROM_ATHENA)
    atr_length: int = uint8(reset=len(FROM_ATHENA))
