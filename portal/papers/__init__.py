"""The owner's own papers: the report and the case file, made to be looked at and printed, and never published."""
