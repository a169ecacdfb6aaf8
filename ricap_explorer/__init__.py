"""RICAP Explorer: random image cropping and patching, seen, trained and compared."""

__version__ = "0.1.0"
