"""Bookings in a browser: so far those of guests, by the link that was mailed to them."""
