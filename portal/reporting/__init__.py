"""What the owner wants to know: the report, what to do next, the story and the case file of an invoice."""
