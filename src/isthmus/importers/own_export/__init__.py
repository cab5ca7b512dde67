"""Everything the institute has, written in a documented format and read back: docs/reference/export-format.md.

`writing.write_export` makes it, `coming_back.bring_back` reads it. What both must agree on is in `tables` and `names`.
"""
