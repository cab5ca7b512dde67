"""The audit log: who did what, when and from where, of everything that an institute may be asked about afterwards.

It lies here because publications, mailing, importers and server all write it. `actions.note` is its only door;
`acting` knows who acts; `watching` sees what Django and Wagtail do by themselves.
"""
