"""The door of invoices in the database: the only module of theirs that other lifecycles may import."""

from stores.invoices.contents import due_at_of
from stores.invoices.drawing import draw_up

__all__ = ["draw_up", "due_at_of"]
