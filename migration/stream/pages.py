"""The size of a target's pages, in bytes: of machines of which it is sure, and by trying.

A stream has it in its description and, on targets of which it varies, in its configuration (QEMU 5.2 to 11.1). Where
it has neither, RAM can be read with one size alone as soon as a page with data went by: with another one what follows
is no item.
"""

from __future__ import annotations

from collections.abc import Callable

USUAL = 4096
ENOUGH = 64
"""Pages with data behind each of which an item stands: their size is the right one."""
SIZES = 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536

MACHINES: dict[int, tuple[str, ...]] = {
    4096: (
        "pc-", "pc$", "q35$", "isapc$", "microvm$", "xenfv", "xenpv$", "x-remote$",
        "pseries", "powernv", "g3beige$", "mac99$", "40p$", "ppce500$", "mpc8544ds$", "bamboo$", "sam460ex$",
        "pegasos2$", "amigaone$", "virtex-ml507$", "ref405ep$", "s390-ccw-virtio",
        "SS-", "LX$", "SPARC", "leon3_generic$", "malta$", "mipssim$", "magnum$", "pica61$", "fuloong2e$", "q800$",
        "next-cube$", "an5206$", "mcf5208evb$", "petalogix-", "hppa$", "B160L$", "C3700$", "sifive_", "spike$",
        "opentitan$", "shakti_c$", "gdbsim-",
    ),
    8192: ("clipper$", "axis-dev88$", "or1k-sim$"),
    16384: ("tricore_testboard$", "KIT_AURIX_"),
    256: ("arduino-", "mega2560$", "2009$", "mega$", "uno$"),
    1024: (
        "versatile", "vexpress-", "realview-", "integratorcp$", "mps2-", "mps3-", "musca-", "lm3s", "netduino",
        "stm32vldiscovery$", "microbit$", "sabrelite$", "cubieboard$", "raspi", "xilinx-zynq-a9$", "highbank$",
        "midway$", "ast1030-", "ast2500-", "ast2600-", "ast2700", "npcm", "xlnx-versal-virt$", "imx25-pdk$", "kzm$",
        "mcimx", "smdkc210$", "nuri$", "collie$", "sx1", "musicpal$", "canon-a1100$", "emcraft-sf2$", "orangepi-pc$",
    ),
}
"""Machine types by page size: how their names begin ($: the whole name). One of Arm with larger pages says so in its
configuration. A name that several targets have (`virt`, `none`) is not here.
"""


def of_machine(machine: str) -> int | None:
    """The page size of a machine type; None where its name does not tell."""
    return next((size for size, names in MACHINES.items() for name in names
                 if machine + "$" == name or machine.startswith(name)), None)


def fitting(fits: Callable[[int], bool], usual: int | None) -> int:
    """The usual size, if RAM can be read with it, else the largest that it can be read with; 4096 if with none.

    As long as no page with data goes by, a size smaller than the true one fits too, and a larger one only if no two
    pages of a block go by either.
    """
    order = [*([usual] if usual is not None else []), *reversed(SIZES)]
    return next((size for size in order if fits(size)), usual or USUAL)
