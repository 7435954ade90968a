"""Frozen types that the layers hand each other. No I/O, no behaviour beyond what a value knows of itself."""
