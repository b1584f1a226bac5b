"""The version, where every room can read it without reaching for the top of the package."""

__version__ = "0.1.0"
