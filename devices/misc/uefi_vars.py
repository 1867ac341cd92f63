"""UEFI variables that QEMU itself keeps for the guest's firmware.

QEMU hw/uefi/var-service-core.c, var-service-vars.c, var-service-policy.c, var-service-sysbus.c; checked against QEMU
10.0, and by its description with 11.1; before 10.0 there is none. UEFI's own numbers are little-endian.
"""

from enum import IntFlag

from vmstate import (
    HookRefused,
    array,
    boolean,
    buffer,
    chain,
    local,
    nested,
    post_load,
    pre_load,
    state,
    subsection,
    uint8,
    uint16,
    uint32,
    uint64,
)

LARGEST_BUFFER, DIGEST = 64 * 1024, 32
SURROGATES = range(0xD800, 0xE000)
POLICY_SIZE, POLICY_NAME = slice(4, 6), slice(6, 8)  # in a policy: its size, and where its name begins
POLICY_HEAD = 44


class Attribute(IntFlag):
    """What holds for a variable."""

    NON_VOLATILE = 0x01
    BOOT_SERVICE = 0x02
    RUNTIME = 0x04
    HARDWARE_ERROR = 0x08
    AUTHENTICATED = 0x10
    TIME_AUTHENTICATED = 0x20
    APPEND = 0x40


SUPPORTED = 0x6F  # all but AUTHENTICATED, which is obsolete


def _is_text(name: bytes | bytearray, ended: bool) -> bool:
    """Whether this is UCS-2 without surrogates, and has a zero at its end if it must."""
    if len(name) % 2:
        return False
    for at in range(0, len(name), 2):
        one = int.from_bytes(name[at:at + 2], "little")
        if one == 0:
            return True
        if one in SURROGATES:
            return False
    return not ended


@state("uefi-time", version=0)
class UefiTime:
    """When an authenticated variable was set."""

    year: int = uint16()
    month: int = uint8()
    day: int = uint8()
    hour: int = uint8()
    minute: int = uint8()
    second: int = uint8()
    nanosecond: int = uint32()


@state("uefi-variable", version=0)
class UefiVariable:
    """A variable."""

    guid: list[int] = array(uint8(), 16, name="guid.data", means="whose it is")
    name_size: int = uint32(means="bytes")
    data_size: int = uint32(means="bytes")
    attributes: int = uint32(means=Attribute)
    name: bytearray = buffer("name_size", means="UCS-2, with a zero at its end")
    data: bytearray = buffer("data_size")
    time: UefiTime = nested(UefiTime)

    sends_digest: bool = local(True)  # not in QEMU 10.0

    digest_section = subsection("uefi-variable-digest", version=0)
    digest_size: int = uint32(means="bytes")
    digest: bytearray = buffer("digest_size", means="of the certificates that sign it; empty without")

    @digest_section.needed
    def _sends_digest(self) -> bool:
        return self.sends_digest

    @pre_load
    def _forget(self) -> None:
        self.sends_digest = False

    @digest_section.post_load
    def _has_digest(self, version: int) -> None:
        self.sends_digest = True

    @post_load
    def _check(self, version: int) -> None:
        if not _is_text(self.name, ended=True) or self.attributes & ~SUPPORTED or self.digest_size not in (0, DIGEST):
            raise HookRefused("this is no variable of UEFI's: see its name, attributes and digest")


@state("uefi-var-policy", version=0)
class UefiPolicy:
    """Which variables may be set, and how: UEFI's own structure, with a name pattern at its end."""

    entry_size: int = uint32(means="bytes")
    entry: bytearray = buffer("entry_size")

    @post_load
    def _check(self, version: int) -> None:
        size, begin = (int.from_bytes(self.entry[where], "little") for where in (POLICY_SIZE, POLICY_NAME))
        if self.entry_size < POLICY_HEAD or size != self.entry_size or begin >= size:
            raise HookRefused(f"a policy of {self.entry_size} bytes, which says that it has {size}")
        if not _is_text(self.entry[begin:], ended=False):
            raise HookRefused("a policy's name is no text")


@state("uefi-vars", version=0)
class UefiVars:
    """The variables, their policies, and the request that is going on."""

    max_storage: int = local(256 * 1024)  # size=

    sts: int = uint16()
    buf_size: int = uint32(means="bytes")
    buf_addr_lo: int = uint32()
    buf_addr_hi: int = uint32()
    pio_xfer_offset: int = uint32()
    pio_xfer_buffer: bytearray = buffer("buf_size")
    end_of_dxe: bool = boolean()
    ready_to_boot: bool = boolean()
    exit_boot_service: bool = boolean()
    policy_locked: bool = boolean()
    used_storage: int = uint64(means="bytes, with those that QEMU's own structures have; counted anew by a load")
    variables: list[UefiVariable] = chain(nested(UefiVariable))
    var_policies: list[UefiPolicy] = chain(nested(UefiPolicy))

    @pre_load
    def _forget(self) -> None:
        self.variables.clear()
        self.var_policies.clear()

    @post_load
    def _check(self, version: int) -> None:
        if self.buf_size > LARGEST_BUFFER:
            raise HookRefused(f"a buffer of {self.buf_size} bytes: there are {LARGEST_BUFFER} at most")
        sizes = (one.name_size + one.data_size + one.digest_size for one in self.variables)
        if sum(sizes) > self.max_storage:
            raise HookRefused(f"more variables than size={self.max_storage} holds")


@state("uefi-vars-sysbus", version=0)
class UefiVarsSysbus:
    """The device, on the system's bus or at a pc's ports."""

    state: UefiVars = nested(UefiVars)
