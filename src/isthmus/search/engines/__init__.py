"""Engines behind `search.engine`: one file each, and nothing else may import an engine's library."""
