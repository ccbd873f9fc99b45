"""What a tenant may set about the life of its tickets."""

from dataclasses import dataclass

from domain.settings import TenantSettings


@dataclass(frozen=True)
class TicketSettings(TenantSettings):
    """Days, counted round the clock from the moment that the ticket came into its state.

    `remind_after_days` and `give_up_days` count from waiting_for_response, `auto_close_days` from resolved and
    `reopen_window_days` from closed.
    """

    section = "tickets"

    remind_after_days: tuple[int, ...] = (2, 5)
    give_up_days: int = 7
    auto_close_days: int = 7
    reopen_window_days: int = 14
