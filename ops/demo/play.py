"""`casewright demo`: plays a day on a running stack, through the public API, and tells it step by step."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from email.message import Message
from enum import StrEnum
from functools import partial
from typing import Annotated

import aiosmtplib
import typer
from rich.console import Console

from ops.demo.booking_scenes import by_a_guest, kept, recurring
from ops.demo.invoice_scenes import credited, dunned_and_paid
from ops.demo.kyc_scenes import identity_expires
from ops.demo.mail_scenes import by_mail
from ops.demo.order_scenes import delivered, undone
from ops.demo.pictures import hung_up
from ops.demo.quote_scenes import approved_and_accepted, expired
from ops.demo.stage import MoveClock, Stage
from ops.demo.ticket_scenes import answered_and_closed, reminded, warned_and_breached
from ops.engine_client import engine_client
from ops.fast_forward import move_clock
from ops.public_api import Person, PublicApi, public_api
from runtime.settings import Settings, settings

Scene = Callable[[Stage], Awaitable[None]]


class Act(StrEnum):
    """What of the day is played."""

    TICKETS = "tickets"
    MAIL = "mail"
    IDENTITY = "identity"
    QUOTES = "quotes"
    ORDERS = "orders"
    INVOICES = "invoices"
    BOOKINGS = "bookings"


SCENES: dict[Act, tuple[Scene, ...]] = {
    Act.TICKETS: (answered_and_closed, reminded, warned_and_breached),
    Act.MAIL: (by_mail,),
    Act.IDENTITY: (identity_expires,),
    Act.QUOTES: (approved_and_accepted, expired),
    Act.ORDERS: (hung_up, delivered, undone),
    Act.INVOICES: (dunned_and_paid, credited),
    Act.BOOKINGS: (kept, by_a_guest, recurring),
}
TENANT = "acme"
PEOPLE = {
    "client": "the customer",
    "agent": "the agent",
    "manager": "the manager",
    "admin": "the admin",
    "reviewer": "the reviewer",
    "reviewer2": "a colleague",
}

_NARROWEST = 100


def demo(
    acts: Annotated[list[Act] | None, typer.Argument(help="Only these; all where none is named.")] = None,
) -> None:
    """Play a day on the running stack: people act, time passes, and each step is told."""
    asyncio.run(_play(settings(), acts or [*Act]))


async def _play(config: Settings, acts: Sequence[Act]) -> None:
    async with public_api(config.address) as api, AsyncExitStack() as open_until_the_end:
        move = None
        if config.embedded:
            move = partial(move_clock, await open_until_the_end.enter_async_context(engine_client(config)))
        await _tell(api, move, config, acts)


async def _tell(api: PublicApi, move: MoveClock | None, config: Settings, acts: Sequence[Act]) -> None:
    began = time.monotonic()
    console = Console(width=max(_NARROWEST, Console().width), highlight=False)
    people = {key: await _person(api, key, config) for key in PEOPLE}
    pages, workflow_pages = config.address, _workflow_pages(config)
    send = partial(_send_mail, config.smtp_catcher_port) if config.embedded and config.smtp_catcher_port else None
    stage = Stage(api, people, console, pages=pages, move_clock=move, workflow_pages=workflow_pages, send_mail=send)
    for act in acts:
        for scene in SCENES[act]:
            await scene(stage)
    console.print(
        f"\nPlayed in {time.monotonic() - began:.0f} s. Each case has its own clock: on the left in UTC, "
        "in sentences and mails in the tenant's zone."
    )


async def _send_mail(port: int, mail: Message, sender: str) -> None:
    await aiosmtplib.send(mail, sender=sender, hostname="127.0.0.1", port=port, start_tls=False)


async def _person(api: PublicApi, key: str, config: Settings) -> Person:
    return await api.log_in(PEOPLE[key], f"{key}@{TENANT}.example", config.demo_password.get_secret_value())


def _workflow_pages(config: Settings) -> str | None:
    if config.temporal_ui_url is None:
        return None
    return f"{config.temporal_ui_url}/namespaces/{config.temporal_namespace}/workflows"
