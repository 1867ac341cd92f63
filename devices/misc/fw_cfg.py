"""The firmware configuration interface: where the guest is reading.

QEMU hw/nvram/fw_cfg.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import Around, again, local, state, subsection, uint16, uint32, uint64

PAGE, LARGEST_PAGE = 4096, 64 * 1024


@state("fw_cfg", version=2, minimum=1)
class FwCfg:
    """The selected entry and the offset in it; the address of a DMA request; how large the ACPI tables are."""

    def _is_version_1(self, around: Around) -> bool:
        return around.version == 1

    cur_entry: int = uint16()
    cur_offset: int = uint16(when=_is_version_1, type="int32_as_uint16")
    _offset = again("cur_offset", uint32(), since=2)

    dma_enabled: bool = local(True, before={"2.5": False})  # dma_enabled=; some boards have none

    @subsection("fw_cfg/dma", version=0)
    def _has_dma(self) -> bool:
        return self.dma_enabled

    dma_addr: int = uint64()

    acpi_mr_restore: bool = local(True, before={"5.0": False})  # acpi-mr-restore=
    host_page_size: int = local(PAGE)  # of the source's host

    acpi_section = subsection("fw_cfg/acpi_mr", version=1)
    table_mr_size: int = uint64()
    linker_mr_size: int = uint64()
    rsdp_mr_size: int = uint64()

    @acpi_section.needed
    def _tables_are_odd(self) -> bool:
        return self.acpi_mr_restore and not self._fill_pages()

    @acpi_section.post_load
    def _know_pages(self, version: int) -> None:
        """That it came says so, if the host's pages are larger than usual."""
        while self._fill_pages() and self.host_page_size < LARGEST_PAGE:
            self.host_page_size *= 2

    def _fill_pages(self) -> bool:
        sizes = self.table_mr_size, self.linker_mr_size, self.rsdp_mr_size
        return all(size % self.host_page_size == 0 for size in sizes)
