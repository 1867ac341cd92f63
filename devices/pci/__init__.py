"""PCI: devices, buses and host bridges."""
