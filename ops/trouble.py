"""`Trouble`: why a command cannot do its work."""


class Trouble(Exception):
    """Said to the person at the terminal in one plain sentence; the command then ends with code 1."""
