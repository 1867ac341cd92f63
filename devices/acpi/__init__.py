"""ACPI: tables, power management and hotplug."""
