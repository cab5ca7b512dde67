"""What the institute says: publications, series, people, categories; the journal; release and embargo."""
