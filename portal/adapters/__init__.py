"""The outside: database, disk, links and the payment provider, each behind a port."""
