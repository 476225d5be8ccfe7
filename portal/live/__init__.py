"""The live app, what works beside it, and the host of the pages: the only code that answers the internet."""
