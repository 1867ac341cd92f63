"""Displays: VGA and what is built around it."""
