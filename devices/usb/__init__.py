"""USB: host controllers, and the devices on them."""
