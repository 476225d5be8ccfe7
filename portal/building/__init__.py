"""The build: invoices are read, the site is made as a Flask app, and frozen page by page where something changed."""
