"""Mistakes in declarations that are legal, and wrong."""
