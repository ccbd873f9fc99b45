"""What the scenes of the demo are made with: people who act, cases whose clocks can be moved, and a printed story."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

from rich.console import Console
from rich.rule import Rule
from rich.table import Table

from ops.fast_forward import Arrival
from ops.public_api import Person, PublicApi
from ops.trouble import Trouble
from web.cases.places import page_of

T = TypeVar("T")

MoveClock = Callable[[str, timedelta], Awaitable[Arrival]]
SendMail = Callable[[Message, str], Awaitable[None]]
"""Brings a mail to the stack's own mailboxes, from an address; an empty one is that of a report."""

_MAIL_PATIENCE_SECONDS = 5.0
_PATIENCE_SECONDS = 30.0
_NEWEST_MAILS = 50
_TOKEN = re.compile(r"\?token=(eyJ[\w.-]+)")


@dataclass
class CaseOnStage:
    """A case that the demo follows, by its workflow's id, and how much of it has been told already."""

    id: str
    number: str
    path: str
    told_version: int = 0
    told_mails: set[str] = field(default_factory=set)


class Stage:
    """Lets people act on cases and tells what came of it: the events of the timeline, and the mails that went out.

    `pages` is the address of our own pages. `move_clock`, `workflow_pages` (the Temporal UI's address of the workflows)
    and `send_mail` are None where there are none.
    """

    def __init__(
        self,
        api: PublicApi,
        people: dict[str, Person],
        console: Console,
        *,
        pages: str,
        move_clock: MoveClock | None,
        workflow_pages: str | None,
        send_mail: SendMail | None = None,
    ) -> None:
        self.api = api
        self.people = people
        self._console = console
        self._move_clock = move_clock
        self._pages = pages
        self._workflow_pages = workflow_pages
        self._send_mail = send_mail

    def title(self, sentence: str) -> None:
        """Begins a scene."""
        self._console.print()
        self._console.print(Rule(f"[bold]{sentence}", align="left"))

    def enter(self, case: CaseOnStage, sentence: str) -> None:
        """Presents a case: its number, what it is about, its page, and where the Temporal UI shows it."""
        self._console.print(f"[bold cyan]{case.number}[/] {sentence}")
        kind, _, id_ = case.id.partition("/")
        if page := page_of(kind, UUID(id_)):
            self._console.print(f"{self._pages}{page}", style="blue", soft_wrap=True)
        if self._workflow_pages:
            self._console.print(f"{self._workflow_pages}/{quote(case.id, safe='')}", style="blue", soft_wrap=True)

    async def act(self, who: str, case: CaseOnStage, path: str, *, mails: int = 0, **fields: Any) -> None:
        """`who` sends `fields` to the case's `path`; then the step is told, with as many mails as it brings."""
        await self.api.post(self.people[who], f"{case.path}{path}", **fields)
        await self.tell(case, self.people[who].name, mails=mails)

    async def pass_time(self, case: CaseOnStage, by: timedelta, why: str, *, mails: int = 0) -> Arrival | None:
        """Moves the case's clock and tells what became due; None, and a sentence, where clocks cannot be moved."""
        if self._move_clock is None:
            self._line("", "time", f"[dim]{why}: {_words(by)} left out, only the embedded stack can move time[/]")
            return None
        arrival = await self._move_clock(case.id, by)
        self._line("", "time", f"[magenta]{why}: {_words(by)} pass; it is {_clock(arrival.at)}")
        await self.tell(case, "", mails=mails)
        return arrival

    async def tell(self, case: CaseOnStage, person: str, *, mails: int = 0) -> None:
        """Tells what is new on the case: its events, those of users as the deeds of `person`, and its mails."""
        timeline = await self.api.get(self.people["agent"], f"{case.path}/timeline", limit=200)
        for event in timeline["items"]:
            if event["version"] > case.told_version:
                case.told_version = event["version"]
                who = "the system" if event["actor"]["kind"] == "system" else person
                self._line(_clock(datetime.fromisoformat(event["at"])), who, _deed(event))
        for mail in await self._new_mails(case, mails):
            self._line("", "mail", f"[yellow]{mail['recipients'][0]}[/]: {_escaped(mail['subject'])}")

    async def decide(self, who: str, case: CaseOnStage, kind: str, *, decision: str, about: str | None = None) -> None:
        """`who` decides the case's task of a kind, as soon as it is there; then the step is told."""

        async def look() -> list[str]:
            query = {"status": "pending", "kind": kind, "case_id": case.id.partition("/")[2]}
            tasks = (await self.api.get(self.people[who], "/reviews", **query))["items"]
            return [task["id"] for task in tasks if about in (None, task["about"])]

        (task_id, *_) = await _soon(look, bool)
        await self.api.post(self.people[who], f"/reviews/{task_id}/decision", decision=decision)
        await self.tell(case, self.people[who].name)

    async def until(self, case: CaseOnStage, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The case as the agent reads it, as soon as something holds of it. Raises Trouble when that takes too long."""

        async def look() -> dict[str, Any]:
            row: dict[str, Any] = await self.api.get(self.people["agent"], case.path)
            return row

        return await _soon(look, holds)

    async def listed(self, path: str, holds: Callable[[list[dict[str, Any]]], bool], **query: Any) -> list[Any]:
        """A list as the agent reads it, as soon as something holds of it. Raises Trouble as `until`."""

        async def look() -> list[dict[str, Any]]:
            items: list[dict[str, Any]] = (await self.api.get(self.people["agent"], path, **query))["items"]
            return items

        return await _soon(look, holds)

    async def accept_invitation(self, address: str) -> None:
        """Plays the reader of the mail to the address, who becomes a member; left out where no mail is caught."""
        token = await self.found_in_mail(address, _TOKEN)
        if token is not None:
            password = f"Demo-{secrets.token_urlsafe(12)}-1"
            await self.api.post(None, "/auth/password/reset", token=token, password=password)

    @property
    def takes_mail(self) -> bool:
        """Whether anybody may write to the tenant's mailbox here."""
        return self._send_mail is not None

    async def send_mail(self, mail: Message, sender: str) -> None:
        """Sends a mail from an address to the tenant's mailbox."""
        if self._send_mail:
            await self._send_mail(mail, sender)

    async def newest_mail(self, address: str) -> dict[str, Any]:
        """The newest mail to an address, as the mail catcher has it."""
        newest: list[dict[str, Any]] = await self.api.get(None, "/demo/mailbox", recipient=address, limit=1)
        return newest[0]

    async def found_in_mail(self, address: str, what: re.Pattern[str]) -> str | None:
        """What the newest mail to the address holds, as soon as it has come; None where no mail is caught."""
        if self._move_clock is None:
            return None
        try:
            async with asyncio.timeout(_MAIL_PATIENCE_SECONDS):
                found: list[str] = []
                while not found:
                    await asyncio.sleep(0.05)
                    caught = await self.api.get(None, "/demo/mailbox", recipient=address, limit=1)
                    found = [each for mail in caught for each in what.findall(mail["text"])]
        except TimeoutError:
            raise Trouble(f"What was to come to {address} has not come: does a worker run?") from None
        return found[0]

    def remark(self, who: str, sentence: str) -> None:
        """Tells what is to be read about a case, said by `who`."""
        self._line("", who, _escaped(sentence))

    async def _new_mails(self, case: CaseOnStage, expected: int) -> list[dict[str, Any]]:
        """The case's mails that have not been told, oldest first; waits a little for as many as are expected, and for
        those that are on their way, so that none is told in the place of another."""
        if self._move_clock is None:
            return []
        new: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(_MAIL_PATIENCE_SECONDS):
                while True:
                    unsent = await self._has_unsent(case)
                    about = await self.api.get(None, "/demo/mailbox", subject=case.number, limit=_NEWEST_MAILS)
                    new = [mail for mail in reversed(about) if mail["message_id"] not in case.told_mails]
                    if len(new) >= expected and not unsent:
                        break
                    await asyncio.sleep(0.05)
        except TimeoutError:
            self.remark("mail", f"{max(expected - len(new), 1)} still on the way")
        case.told_mails.update(mail["message_id"] for mail in new)
        return new

    async def _has_unsent(self, case: CaseOnStage) -> bool:
        case_id = case.id.partition("/")[2]
        staged = await self.api.get(self.people["agent"], "/deliveries", case_id=case_id, limit=200)
        return any(mail["status"] in ("pending", "sending") for mail in staged["items"])

    def _line(self, time: str, who: str, what: str) -> None:
        line = Table.grid(padding=(0, 2))
        line.add_column(width=16, style="dim")
        line.add_column(width=12, style="bold")
        line.add_column()
        line.add_row(time, who, what)
        self._console.print(line)


async def _soon(look: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            seen = await look()
            while not holds(seen):
                await asyncio.sleep(0.05)
                seen = await look()
            return seen
    except TimeoutError:
        raise Trouble("What was to come has not come in time: does a worker run?") from None


def _deed(event: dict[str, Any]) -> str:
    deed, status = str(event["kind"]).replace("_", " "), event["changes"].get("status")
    if status and status != deed and event["version"] > 1:
        deed += f" -> [green]{status.replace('_', ' ')}[/]"
    return f"{deed}  [dim]{_escaped(event['reason'])}[/]" if event["reason"] else deed


def _clock(at: datetime) -> str:
    return f"{at:%a %d %b %H:%M}"


def _words(duration: timedelta) -> str:
    hours, minutes = divmod(round(duration.total_seconds() / 60), 60)
    days, hours = divmod(hours, 24)
    counted = ((days, "day"), (hours, "hour"), (minutes, "minute"))
    return ", ".join(f"{count} {unit}{'s' if count > 1 else ''}" for count, unit in counted if count)


def _escaped(text: str) -> str:
    """Text of a person or of a mail, in which a bracket is no markup."""
    return text.replace("[", r"\[")
