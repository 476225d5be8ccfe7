"""One module per version, never changed once it was released."""
