"""What waits: all open cases in the order in which they have come to wait, and what does not go on."""
