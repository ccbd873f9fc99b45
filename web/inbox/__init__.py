"""The inbox: what waits for a person, and the form by which it is decided."""
