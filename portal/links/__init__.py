"""Links to pages: where they lie, issuing and ending them, asking for one, and pages that only a link can open."""
