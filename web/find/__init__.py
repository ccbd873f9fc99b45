"""Finding: whatever one may see, by a few letters."""
