"""By hand: PCI's host bridges and buses, and what every PCI function begins with."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any, NamedTuple

from devices.pci import device, host, i440fx, piix3, q35

from .plain import Hand, head, new, octet, plain, refuse, unwritable

PciDevice = plain(device.PciDevice)


class Function(NamedTuple):
    """A function and what follows it, by the size of the configuration space."""

    pack: dict[int, Callable[..., bytes]]
    take: dict[int, Callable[[bytes, int], tuple[Any, ...]]]
    size: dict[int, int]


def function(rest: str) -> Function:
    """A function with members of these formats behind it."""
    made = {size: Struct(f">i{size}s4I{rest}") for size in (256, 4096)}
    return Function({size: one.pack for size, one in made.items()},
                    {size: one.unpack_from for size, one in made.items()},
                    {size: one.size for size, one in made.items()})


def new_function(config_size: int) -> Any:
    """As it is after reset, but for what is loaded."""
    p = new(PciDevice)
    p.version_id, p.config_size = 2, config_size
    return p


# -- PCIHost, PCIBUS

PciHost, PciBus = plain(host.PciHost), plain(host.PciBus)
WORD = Struct(">I")
BUS = {n: Struct(f">i{n}i") for n in range(256)}
pack_word, take_all_word = WORD.pack, WORD.unpack


def save_pci_host(o: Any) -> bytes:
    return pack_word(o.config_reg)


def load_pci_host(data: bytes) -> Any:
    o = new(PciHost)
    (o.config_reg,) = take_all_word(data)
    return o


def load_into_pci_host(o: Any, data: bytes) -> Any:
    (o.config_reg,) = take_all_word(data)
    return o


def save_pci_bus(o: Any) -> bytes:
    n = o.nirq
    return BUS[n].pack(n, *o.irq_count[:n])


def load_pci_bus(data: bytes) -> Any:
    o = new(PciBus)
    o.nirq, *o.irq_count = BUS[4].unpack(data)
    if o.nirq != 4:
        refuse("nirq")
    return o


def load_into_pci_bus(o: Any, data: bytes) -> Any:
    n, *counts = BUS[o.nirq].unpack(data)
    if n != o.nirq:
        refuse("nirq")
    o.irq_count = counts
    return o


# -- I440FX, mch: a function and an unused byte

I440fx, Mch = plain(i440fx.I440fx), plain(q35.Mch)
BRIDGE = function("x")
pack_bridge, take_bridge = BRIDGE.pack, BRIDGE.take


def save_bridge(o: Any) -> bytes:
    p = o.parent
    if len(p.config) != p.config_size:
        unwritable("config")
    return pack_bridge[p.config_size](p.version_id, p.config, *p.irq_state)


def load_i440fx(data: bytes, config_size: int = 256) -> Any:
    o = new(I440fx)
    o.parent = new_function(config_size)
    return load_into_bridge(o, data)


def load_mch(data: bytes, config_size: int = 256) -> Any:
    o = new(Mch)
    o.parent = new_function(config_size)
    return load_into_bridge(o, data)


def load_into_bridge(o: Any, data: bytes) -> Any:
    p = o.parent
    size = p.config_size
    if len(data) != size + 21:
        refuse("a function and a byte")
    version, config, a, b, c, d = take_bridge[size](data, 0)
    if not 0 <= version <= p.version_id or a | b | c | d > 1:
        refuse("version_id or irq_state")
    p.version_id, p.config, p.irq_state = version, bytearray(config), [a, b, c, d]
    return o


# -- PIIX3

Piix3 = plain(piix3.Piix3)
ROUTER = function("4i")
pack_router, take_router = ROUTER.pack, ROUTER.take
RESET = head("PIIX3/rcr")


def save_piix3(o: Any) -> bytes:
    p = o.parent
    if len(p.config) != p.config_size:
        unwritable("config")
    data = pack_router[p.config_size](p.version_id, p.config, *p.irq_state, *o.pci_irq_levels)
    if o._reset_chosen():
        data += RESET + octet(o.rcr)
    return data


def load_piix3(data: bytes, config_size: int = 256) -> Any:
    o = new(Piix3)
    o.parent = new_function(config_size)
    o.rcr = 0
    return load_into_piix3(o, data)


def load_into_piix3(o: Any, data: bytes) -> Any:
    p = o.parent
    size = p.config_size
    version, config, a, b, c, d, e, f, g, h = take_router[size](data, 0)
    if not 0 <= version <= p.version_id or a | b | c | d > 1:
        refuse("version_id or irq_state")
    p.version_id, p.config, p.irq_state = version, bytearray(config), [a, b, c, d]
    o.pci_irq_levels = [e, f, g, h]
    if (at := size + 36) < len(data):
        if not data.startswith(RESET, at) or len(data) != at + len(RESET) + 1:
            refuse("no subsection of PIIX3")
        o.rcr = data[-1]
    return o


HAND = {
    host.PciHost: Hand(save_pci_host, load_pci_host, load_into_pci_host),
    host.PciBus: Hand(save_pci_bus, load_pci_bus, load_into_pci_bus),
    i440fx.I440fx: Hand(save_bridge, load_i440fx, load_into_bridge),
    q35.Mch: Hand(save_bridge, load_mch, load_into_bridge),
    piix3.Piix3: Hand(save_piix3, load_piix3, load_into_piix3),
}
