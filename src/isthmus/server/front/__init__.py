"""The process readers talk to: kept pages from memory, everything else handed on to Django; it never loads Django."""
