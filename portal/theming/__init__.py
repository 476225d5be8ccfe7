"""The look of every page: the owner's colour, the stylesheet, and how templates are compiled and kept."""
