"""The whole public site as files that any web server can send: walked as a reader would, through the gate.

`python -m http.server`, a bucket or a USB stick will do. What needs a program (search, signing up, the API, forms)
leads to the live site, and says so where there is none.
"""
