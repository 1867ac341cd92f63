"""virtio-iommu: address spaces for devices.

QEMU hw/virtio/virtio-iommu.c; checked against QEMU 5.2, 7.2, 10.0. Version 1 is that of 5.2, which later ones refuse.
"""

from vmstate import (
    HookRefused,
    again,
    boolean,
    chain,
    mapping,
    nested,
    post_load,
    pre_save,
    state,
    uint8,
    uint32,
    uint64,
)

from .common import Virtio

PRIORITY = 1


@state("interval")
class Interval:
    """Virtual addresses from the first to the last."""

    low: int = uint64()
    high: int = uint64()


@state("mapping")
class Mapping:
    """Where an interval leads, and for what."""

    phys_addr: int = uint64()
    flags: int = uint32(means="1 read, 2 write, 4 memory-mapped I/O")


@state("endpoint")
class Endpoint:
    """A device in a domain."""

    id: int = uint32()


def _ordered(mappings: dict[Interval, Mapping]) -> dict[Interval, Mapping]:
    """As the tree has them."""
    return dict(sorted(mappings.items(), key=lambda pair: pair[0].low))


@state("domain", version=2)
class Domain:
    """An address space, and the devices that are in it."""

    id: int = uint32()
    mappings: dict[Interval, Mapping] = mapping(nested(Interval), nested(Mapping))
    endpoints: list[Endpoint] = chain(nested(Endpoint), name="endpoint_list")
    bypass: bool = boolean(since=2)

    @pre_save
    def _sort(self) -> None:
        self.mappings = _ordered(self.mappings)


@state("virtio-iommu-device", version=2)
class IommuDevice:
    """The domains by their ids; which domain a device is in, they tell."""

    domains: dict[int, Domain] = mapping(uint64(), nested(Domain))
    bypass: int = uint8(since=2, reset=1, name="config.bypass", means="1 devices in no domain reach all memory")

    @pre_save
    def _sort(self) -> None:
        self.domains = dict(sorted(self.domains.items()))

    @post_load
    def _is_each_in_one(self, version: int) -> None:
        inside = [one.id for domain in self.domains.values() for one in domain.endpoints]
        if len(inside) != len(set(inside)):
            raise HookRefused("a device is in two domains")


@state("virtio-iommu", version=2, priority=PRIORITY, info="virtio")
class VirtioIommu:
    """The device."""

    virtio: Virtio = nested(Virtio)
    iommu: IommuDevice = nested(IommuDevice)
    _later = again("virtio", nested(Virtio.later))


@state("domain")
class FirstDomain:
    """An address space of version 1: none that leads devices past the translation."""

    id: int = uint32()
    mappings: dict[Interval, Mapping] = mapping(nested(Interval), nested(Mapping))
    endpoints: list[Endpoint] = chain(nested(Endpoint), name="endpoint_list")

    @pre_save
    def _sort(self) -> None:
        self.mappings = _ordered(self.mappings)


@state("virtio-iommu-device")
class FirstIommuDevice:
    """The domains by their ids."""

    domains: dict[int, FirstDomain] = mapping(uint64(), nested(FirstDomain))

    @pre_save
    def _sort(self) -> None:
        self.domains = dict(sorted(self.domains.items()))


@state("virtio-iommu", priority=PRIORITY, info="virtio")
class FirstVirtioIommu:
    """The device of QEMU 5.2."""

    virtio: Virtio = nested(Virtio)
    iommu: FirstIommuDevice = nested(FirstIommuDevice)
    _later = again("virtio", nested(Virtio.later))
