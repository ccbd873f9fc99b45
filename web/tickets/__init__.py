"""Tickets, as customers and as staff see them."""
