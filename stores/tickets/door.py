"""The door of tickets in the stores: the only module of theirs that other lifecycles may import."""

from stores.tickets.service_levels import default_calendar

__all__ = ["default_calendar"]
