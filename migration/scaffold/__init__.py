"""A declaration to begin with, as text: out of a stream's description, QEMU's own description of a device, or both."""
