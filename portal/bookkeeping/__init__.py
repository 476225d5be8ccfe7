"""What the owner knows and the provider does not: their wishes about invoices become entries, each once."""
