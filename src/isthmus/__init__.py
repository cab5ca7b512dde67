"""Isthmus: the publishing house of a policy research institute in one Python package."""

__version__ = "0.1.0"
