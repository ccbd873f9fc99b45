"""Who did what in the house, as nobody can change it afterwards."""
