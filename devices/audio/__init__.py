"""Sound cards and codecs."""
