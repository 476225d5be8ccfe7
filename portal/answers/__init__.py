"""What customers answer besides paying: a promise, a problem, that it is paid already."""
