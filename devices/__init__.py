"""Declarations of device state, grouped as a machine is, and nothing else."""
