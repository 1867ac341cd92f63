"""What fits nowhere else: firmware configuration, DMA, the run state."""
