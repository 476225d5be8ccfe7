"""Mails and reminders: which are due, decided from the ledger, and sending each once."""
