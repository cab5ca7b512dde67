"""The institute in one file: made while it is at work, checked, and brought back into an empty directory.

What is derived (the index, stored pages) and what has left already (the outbox, logs) is not in it: both come anew.
"""
