"""How it looks: templates, style sheets, a little script; no models."""
