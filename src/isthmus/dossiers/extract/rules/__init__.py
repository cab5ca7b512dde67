"""The rules, a family a module. Order matters only between matches of one length: the first family wins."""
