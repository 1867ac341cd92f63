"""Sans-I/O framing of QEMU's migration stream: bytes in, events out, and back."""
