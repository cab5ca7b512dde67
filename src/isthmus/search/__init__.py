"""The reader finds: query language, documents, ranking, totals, the keeper of the index."""
