"""Disks and their controllers."""
