"""How it runs: settings, addresses, worker, health, security, the commands that serve."""
