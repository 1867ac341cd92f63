"""Which class a section's name means, and where it is. A module is imported when one of its names is met."""

from vmstate import Registry

SECTIONS: dict[str, str | tuple[str, ...]] = {
    "I440FX": "devices.pci.i440fx:I440fx",
    "ICH9LPC": "devices.pci.ich9_lpc:Ich9Lpc",
    "PCIBUS": "devices.pci.host:PciBus",
    "PCIHost": "devices.pci.host:PciHost",
    "PIIX3": "devices.pci.piix3:Piix3",
    "SCSIDevice": "devices.block.scsi:ScsiDevice",
    "acpi_build": "devices.acpi.build:AcpiBuild",
    "apic": "devices.intc.apic:Apic",
    "cirrus_vga": ("devices.display.cirrus:PciCirrus", "devices.display.cirrus:Cirrus"),
    "cpu": "devices.cpu.x86:Cpu",
    "cpu_common": "devices.cpu.common:CpuCommon",
    "dma": "devices.misc.dma:Dma",
    "e1000": "devices.net.e1000:E1000",
    "e1000e": "devices.net.e1000e:E1000e",
    "fdc": "devices.block.fdc:Fdc",
    "fw_cfg": "devices.misc.fw_cfg:FwCfg",
    "globalstate": "devices.misc.globalstate:GlobalState",
    "hpet": "devices.timer.hpet:Hpet",
    "i2c_bus": "devices.misc.i2c:I2cBus",
    "i8254": "devices.timer.i8254:I8254",
    "i8259": "devices.intc.i8259:I8259",
    "ich9_ahci": "devices.block.ahci:Ich9Ahci",
    "ich9_smb": "devices.misc.ich9_smbus:Ich9Smbus",
    "ide": "devices.block.ide:PciIde",
    "ioapic": "devices.intc.ioapic:IoApic",
    "kvm-tpr-opt": "devices.intc.kvmvapic:KvmVapic",
    "mc146818rtc": "devices.timer.mc146818rtc:Rtc",
    "mch": "devices.pci.q35:Mch",
    "parallel_isa": "devices.char.parallel:IsaParallel",
    "pci-serial": "devices.char.serial:PciSerial",
    "pci-serial-multi": "devices.char.serial:PciMultiSerial",
    "pckbd": "devices.input.pckbd:Pckbd",
    "pckbd-mmio": "devices.input.pckbd:PckbdMmio",
    "pcspk": "devices.misc.pcspk:PcSpeaker",
    "piix4_pm": "devices.acpi.piix4_pm:Piix4Pm",
    "port92": "devices.misc.port92:Port92",
    "ps2kbd": "devices.input.ps2:Ps2Keyboard",
    "ps2mouse": "devices.input.ps2:Ps2Mouse",
    "scsi-disk": "devices.block.scsi:ScsiDisk",
    "serial": "devices.char.serial:IsaSerial",
    "slirp": "devices.net.slirp:Slirp",
    "spapr/htab": ("devices.misc.htab:HtabStart", "devices.misc.htab:HtabPart"),
    "sysbus-ahci": "devices.block.ahci:SysbusAhci",
    "timer": "devices.timer.timers:Timers",
    "vga": ("devices.display.vga:PciVga", "devices.display.vga:Vga"),
    "vga-isa": "devices.display.vga:IsaVga",
    "vhost-user-blk": "devices.virtio.simple:VhostUserBlk",
    "virtio-9p": "devices.virtio.simple:Virtio9p",
    "virtio-balloon": "devices.virtio.balloon:VirtioBalloon",
    "virtio-blk": "devices.virtio.blk:VirtioBlk",
    "virtio-console": "devices.virtio.console:VirtioConsole",
    "virtio-crypto": "devices.virtio.simple:VirtioCrypto",
    "virtio-input": "devices.virtio.input:VirtioInput",
    "virtio-iommu": ("devices.virtio.iommu:VirtioIommu", "devices.virtio.iommu:FirstVirtioIommu"),
    "virtio-mem": "devices.virtio.mem:VirtioMem",
    "virtio-mem-device-early": "devices.virtio.mem:VirtioMemEarly",
    "virtio-net": "devices.net.virtio_net:VirtioNet",
    "virtio-rng": "devices.virtio.rng:VirtioRng",
    "virtio-scsi": "devices.virtio.scsi:VirtioScsi",
    "virtio-vhost_scsi": "devices.virtio.scsi:VhostScsi",
    "virtio-vhost_vsock": "devices.virtio.simple:VhostVsock",
    "vmmouse": "devices.input.vmmouse:VmMouse",
}


MACHINES = {
    "pc-": "x86_64", "pc$": "x86_64", "q35$": "x86_64", "isapc$": "x86_64", "microvm$": "x86_64", "xenfv": "x86_64",
    "none$": "", "virt-": "", "virt$": "",
}
"""Which target a machine type is of, by the beginning of its name ($: the whole name); empty: several have it."""


def registry() -> Registry:
    """A registry of all devices declared here."""
    return Registry(SECTIONS, MACHINES)
