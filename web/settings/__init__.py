"""The house: what it promises, when it is open, who works in it and what they may do."""
