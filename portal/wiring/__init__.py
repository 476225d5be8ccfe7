"""Put the parts together: nothing else knows every adapter."""
