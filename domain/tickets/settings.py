"""What a tenant may set about the life of its tickets."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class TicketSettings:
    """Days, counted round the clock from the moment that the ticket came into its state.

    `remind_after_days` and `give_up_days` count from waiting_for_response, `auto_close_days` from resolved and
    `reopen_window_days` from closed.
    """

    remind_after_days: tuple[int, ...] = (2, 5)
    give_up_days: int = 7
    auto_close_days: int = 7
    reopen_window_days: int = 14

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """From a tenant's stored settings; what is not set has its default."""
        known = {field.name: stored[field.name] for field in fields(cls) if field.name in stored}
        if "remind_after_days" in known:
            known["remind_after_days"] = tuple(known["remind_after_days"])
        return cls(**known)
