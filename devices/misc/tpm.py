"""The TPM: its interfaces TIS and CRB, and the state of an emulator outside (swtpm).

QEMU hw/tpm/tpm_tis_common.c, tpm_tis_isa.c, tpm_tis_sysbus.c, tpm_crb.c, backends/tpm/tpm_emulator.c; checked against
QEMU 5.2, 7.2, 10.0, and by their descriptions with 11.1.
"""

from enum import IntEnum, IntFlag

from vmstate import array, buffer, nested, sized_buffer, state, subsection, uint8, uint16, uint32

LOCALITIES, NOBODY = 5, 0xFF
TIS_BUFFER, CRB_REGISTERS = 4096, 32

ACTIVE_LOW, VALID = 0x08, 0x80
FAMILY_2, TIS_INTERFACE = 1 << 26, 0x82100

# of CRB, by number
LOCALITY_STATE, INTERFACE, VENDOR, STATUS, COMMAND_SIZE, COMMAND_AT, RESPONSE_SIZE, RESPONSE_AT = (
    0, 12, 13, 17, 22, 23, 25, 26)
IBM, IDLE, CRB_BUFFER, CRB_BUFFER_AT = 0x1014, 0x2, 0xF80, 0xFED4_0080
TAKES_CHUNKS, CRB_INTERFACE = 1 << 10, 0x2_5811


class TisState(IntEnum):
    """How far a locality's command is."""

    IDLE = 0
    READY = 1
    COMPLETION = 2
    EXECUTION = 3
    RECEPTION = 4


class BlobFlag(IntFlag):
    """What a blob of the emulator's is."""

    DECRYPTED = 0x1
    ENCRYPTED = 0x2


@state("tpm-tis/locty", version=0)
class Locality:
    """One of five doors to the TPM."""

    state: int = uint32(means=TisState)
    inte: int = uint32(reset=ACTIVE_LOW)
    ints: int = uint32()
    access: int = uint8(reset=VALID)
    sts: int = uint32(reset=FAMILY_2)
    iface_id: int = uint32(reset=TIS_INTERFACE)


@state("tpm-tis", version=0)
class TpmTis:
    """TPM interface specification: the command or response, and who is at it."""

    buffer: bytearray = buffer(TIS_BUFFER, name="state.buffer")
    rw_offset: int = uint16(name="state.rw_offset")
    active_locty: int = uint8(name="state.active_locty", reset=NOBODY)
    aborting_locty: int = uint8(name="state.aborting_locty", reset=NOBODY)
    next_locty: int = uint8(name="state.next_locty", reset=NOBODY)
    loc: list[Locality] = array(
        nested(Locality), LOCALITIES, name="state.loc", reset=lambda: [Locality() for _ in range(LOCALITIES)])


def _reset_registers() -> list[int]:
    registers = [0] * CRB_REGISTERS
    registers[LOCALITY_STATE], registers[STATUS] = VALID, IDLE
    registers[INTERFACE], registers[VENDOR] = CRB_INTERFACE | TAKES_CHUNKS, IBM
    registers[COMMAND_SIZE], registers[COMMAND_AT] = CRB_BUFFER, CRB_BUFFER_AT
    registers[RESPONSE_SIZE], registers[RESPONSE_AT] = CRB_BUFFER, CRB_BUFFER_AT
    return registers


@state("tpm-crb", version=0)
class TpmCrb:
    """Command response buffer: the registers. Commands and responses are in memory, which is sent as such."""

    regs: list[int] = array(uint32(), CRB_REGISTERS, reset=_reset_registers)

    # in QEMU 11.1, not in 10.0
    @subsection("tpm-crb/chunk", version=0)
    def _takes_chunks(self) -> bool:
        return bool(self.regs[INTERFACE] & TAKES_CHUNKS)

    command_buffer: bytearray = sized_buffer(32)
    response_buffer: bytearray = sized_buffer(32)
    response_offset: int = uint32(means="bytes of the response that the guest has")


@state("tpm-emulator", version=0)
class TpmEmulator:
    """What the emulator gives of itself, in a format of its own."""

    permanent_flags: int = uint32(name="state_blobs.permanent_flags", means=BlobFlag)
    permanent_size: int = uint32(name="state_blobs.permanent.size", means="bytes")
    permanent: bytearray = buffer("permanent_size", name="state_blobs.permanent.buffer")
    volatile_flags: int = uint32(name="state_blobs.volatil_flags", means=BlobFlag)
    volatile_size: int = uint32(name="state_blobs.volatil.size", means="bytes")
    volatile: bytearray = buffer("volatile_size", name="state_blobs.volatil.buffer")
    saved_flags: int = uint32(name="state_blobs.savestate_flags", means=BlobFlag)
    saved_size: int = uint32(name="state_blobs.savestate.size", means="bytes")
    saved: bytearray = buffer("saved_size", name="state_blobs.savestate.buffer")
