"""The owner's settings, section by section; ``portal.config`` reads them all."""
