"""Keyboards and pointers."""
