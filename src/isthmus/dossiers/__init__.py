"""Dossiers and chronologies: what the archive says about whom, and when it happened."""
