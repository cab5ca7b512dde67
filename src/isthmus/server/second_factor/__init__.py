"""The second step of a login: a code from an authenticator app (TOTP, RFC 6238), or a recovery code.

Whoever has given the password and not the code is nobody: `gate` sees to that for every address below /admin/, so
that no view has to remember it. `codes` are pure, `actions` change state, `views` are the pages.
"""
