"""virtio: queues, transports and devices."""
