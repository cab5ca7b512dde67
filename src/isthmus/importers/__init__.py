"""The old archive comes in: read, clean, check, save, redirect, report."""
