"""Identity checks: what a customer hands in step by step, and what staff see of it."""
