"""Records that come from elsewhere than a class: a stream's trailer, QEMU's own description, a stored schema."""
