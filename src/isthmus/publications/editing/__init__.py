"""What editors work with in Wagtail's admin: lists, forms, choosers, roles' limits, bulk actions, checks.

Only `wagtail_hooks` imports from here. Every write goes through `Publication.save()` or `publications.actions`.
"""
