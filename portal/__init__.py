"""A customer payment portal: invoices become frozen pages at signed links, and card payments settle them."""
