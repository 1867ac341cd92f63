"""Network cards and user networking."""
