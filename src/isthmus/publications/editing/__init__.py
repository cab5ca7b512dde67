"""What editors work with in Wagtail's admin: lists, forms, choosers, roles' limits, bulk actions, checks.

Only `wagtail_hooks` and other folders' pages of the admin import from here.
Every write goes through `Publication.save()` or `publications.actions`.
"""
