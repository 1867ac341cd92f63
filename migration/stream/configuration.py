"""The configuration record, which is device state like any other (QEMU: migration/savevm.c, vmstate_configuration)."""

from __future__ import annotations

from vmstate import array, buffer, sized_buffer, state, subsection, uint8, uint32


@state("configuration")
class Configuration:
    """Which machine this is, and what both ends must agree on. A subsection is there when it says something."""

    length: int = uint32(name="len")
    name: bytearray = buffer("length")

    @subsection("configuration/target-page-bits")
    def _page_bits_known(self) -> bool:
        return self.page_bits != 0

    page_bits: int = uint32(name="target_page_bits")

    @subsection("configuration/capabilities")
    def _has_capabilities(self) -> bool:
        return self.capability_count > 0

    capability_count: int = uint32(name="caps_count")
    capability_names: list[bytearray] = array(
        sized_buffer(8), "capability_count", name="capabilities", type="capability")

    @subsection("configuration/uuid")
    def _has_uuid(self) -> bool:
        return any(self.uuid)

    uuid: list[int] = array(uint8(), 16, name="uuid.data")

    @property
    def machine(self) -> str:
        """The machine type's name."""
        return self.name.decode("utf-8", "replace")

    @property
    def capabilities(self) -> list[str]:
        """Capabilities that both ends must have on: x-ignore-shared, mapped-ram."""
        return [name.decode("utf-8", "replace") for name in self.capability_names]

    @property
    def page_size(self) -> int | None:
        """Bytes of a target page, where the stream tells."""
        return 1 << self.page_bits if 0 < self.page_bits < 32 else None
