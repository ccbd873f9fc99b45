"""Quotes: by their link, as customers read them, and as staff write them."""
