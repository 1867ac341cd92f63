"""One module per format; a format is its module: `from visitors import qemufile`."""
