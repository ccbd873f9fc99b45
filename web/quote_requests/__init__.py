"""Requests for a quote, as customers send and follow them and as staff answer them."""
