"""A namespace of an NVMe controller: what it identifies itself as. Migratable since QEMU 11.1.

QEMU hw/nvme/ns.c; checked against QEMU 11.1. A namespace that is a device of its own (nvme-ns) would have it as a
section; QEMU 11.1 refuses to save a controller with such.
"""

from __future__ import annotations

from vmstate import Packed, array, boolean, local, nested, state, tmp, uint8, uint16, uint32, uint64

FORMATS = 64


@state("nvme_lbaf")
class Format:
    """A format of blocks."""

    ms: int = uint16(means="bytes of metadata")
    ds: int = uint8(means="size of the data, as a power of two")
    rp: int = uint8(means="relative performance")


@state("nvme_id_ns")
class Identity:
    """What the namespace says of itself: data structure of the specification, 4096 bytes."""

    nsze: int = uint64(means="size in blocks")
    ncap: int = uint64()
    nuse: int = uint64()
    nsfeat: int = uint8()
    nlbaf: int = uint8(means="formats, less one")
    flbas: int = uint8()
    mc: int = uint8()
    dpc: int = uint8()
    dps: int = uint8()
    nmic: int = uint8()
    rescap: int = uint8()
    fpi: int = uint8()
    dlfeat: int = uint8()
    nawun: int = uint16()
    nawupf: int = uint16()
    nacwu: int = uint16()
    nabsn: int = uint16()
    nabo: int = uint16()
    nabspf: int = uint16()
    noiob: int = uint16()
    nvmcap: list[int] = array(uint8(), 16)
    npwg: int = uint16()
    npwa: int = uint16()
    npdg: int = uint16()
    npda: int = uint16()
    nows: int = uint16()
    mssrl: int = uint16()
    mcl: int = uint32()
    msrc: int = uint8()
    rsvd81: list[int] = array(uint8(), 18)
    nsattr: int = uint8()
    nvmsetid: int = uint16()
    endgid: int = uint16()
    nguid: list[int] = array(uint8(), 16)
    eui64: int = uint64()
    lbaf: list[Format] = array(nested(Format), FORMATS)
    vs: Packed = array(uint8(), 3712, packed=True)


@state("nvme_id_ns_nvm")
class NvmIdentity:
    """What it says besides as one of the NVM command set, 4096 bytes."""

    lbstm: int = uint64()
    pic: int = uint8()
    rsvd9: list[int] = array(uint8(), 3)
    elbaf: list[int] = array(uint32(), FORMATS)
    npdgl: int = uint32()
    nprg: int = uint32()
    npra: int = uint32()
    nors: int = uint32()
    npdal: int = uint32()
    rsvd288: Packed = array(uint8(), 3808, packed=True)


@state("nvme_id_ns_ind")
class IndependentIdentity:
    """What it says whatever its command set, 4096 bytes."""

    nsfeat: int = uint8()
    nmic: int = uint8()
    rescap: int = uint8()
    fpi: int = uint8()
    anagrpid: int = uint32()
    nsattr: int = uint8()
    rsvd9: int = uint8()
    nvmsetid: int = uint16()
    endgrpid: int = uint16()
    nstat: int = uint8()
    rsvd15: Packed = array(uint8(), 4081, packed=True)


@state("nvme-atomic")
class Atomic:
    """Up to what size writes are atomic."""

    atomic_max_write_size: int = uint32(means="blocks")
    atomic_boundary: int = uint64()
    atomic_nabo: int = uint64()
    atomic_writes: bool = boolean()


@state("nvme_ns_tmp", version=0)
class WriteCache:
    """Whether the host's drive caches writes, which the guest may set."""

    enable_write_cache: bool = boolean()

    @classmethod
    def pack(cls, parent: Namespace) -> WriteCache:
        """Before saving."""
        return cls(enable_write_cache=parent.caches_writes)

    def unpack(self, parent: Namespace) -> None:
        """After loading."""
        parent.caches_writes = self.enable_write_cache


@state("nvme_ns")
class Namespace:
    """A namespace: its identity, and the format that it has."""

    caches_writes: bool = local(True)  # of the host's drive
    _drive = tmp(WriteCache)
    id_ns: Identity = nested(Identity)
    id_ns_nvm: NvmIdentity = nested(NvmIdentity)
    id_ns_ind: IndependentIdentity = nested(IndependentIdentity)
    lbaf: Format = nested(Format)
    nlbaf: int = uint32()
    csi: int = uint8(means="command set: 0 NVM, 2 zoned")
    status: int = uint16()
    pif: int = uint8()
    zrwas: int = uint16(name="zns.zrwas")
    zrwafg: int = uint16(name="zns.zrwafg")
    numzrwa: int = uint32(name="zns.numzrwa")
    err_rec: int = uint32(name="features.err_rec")
    atomic: Atomic = nested(Atomic)
