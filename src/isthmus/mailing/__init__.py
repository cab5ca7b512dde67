"""The reader stays in touch: consent, subscriptions, alerts, digests, campaigns, the delivery ledger, returned mail."""
