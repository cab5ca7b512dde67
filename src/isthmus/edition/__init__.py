"""The pages as readers get them: rendered once, tagged with all they show, purged by the journal, served first."""
