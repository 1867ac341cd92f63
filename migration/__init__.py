"""The engine around device state: whole streams, guest RAM, channels. It knows no device: a registry is handed in."""
