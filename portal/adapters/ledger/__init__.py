"""The ledger: what is kept of invoices, payments, plans, links and mails, in SQLite or PostgreSQL."""
