"""Customers: who they are, what they have with us, their identity, and their story."""
