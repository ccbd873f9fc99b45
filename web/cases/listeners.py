"""The open pages of this process, which listen to what happens: each thing is looked at once for all who may hear the
same, and everybody's rights are looked at together."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from api.cases.live import Heard, Live, News
from api.cases.story import may_hear
from api.http.services import Services
from api.identity.callers import Caller, find_caller, find_callers
from api.identity.tokens import AccessClaims

TOGETHER_SECONDS = 0.2
"""What happens within this time is passed on together: nobody can look at each of a hundred changes a second."""

RIGHTS_ARE_LOOKED_AT_SECONDS = 4.0
"""How often it is looked whether listeners are still logged in, and with which rights."""

_UNREAD_AT_MOST = 50
_LOOK_AGAIN = "event: case\ndata: {}\n\n"

log = structlog.get_logger(__name__)

Audience = tuple[UUID, UUID | None, frozenset[str]]
"""Those who may hear the same: of a tenant, for a customer or the house, with the same permissions."""


@dataclass(eq=False)
class Listener:
    """One open page. What is `said` to it is a part of an event stream (WHATWG HTML, 9.2), None that it ends."""

    caller: Caller
    said: asyncio.Queue[str | None] = field(default_factory=lambda: asyncio.Queue(_UNREAD_AT_MOST))

    @property
    def audience(self) -> Audience:
        """With whom it hears."""
        return self.caller.tenant_id, self.caller.customer_id, self.caller.permissions

    @property
    def claims(self) -> AccessClaims:
        """By which its rights are found."""
        return AccessClaims(self.caller.account_id, self.caller.tenant_id, self.caller.session_id)

    def tell(self, said: str) -> None:
        """Says it. Who does not read has to look again anyway."""
        if self.said.full():
            self._forget()
            said = _LOOK_AGAIN
        self.said.put_nowait(said)

    def end(self) -> None:
        """Ends it. Its page begins anew, if it still may."""
        self._forget()
        self.said.put_nowait(None)

    def end_without_rights(self) -> None:
        """Ends it, after its page was told to look again: with the rights that there are now."""
        self._forget()
        self.said.put_nowait(_LOOK_AGAIN)
        self.said.put_nowait(None)

    def _forget(self) -> None:
        while not self.said.empty():
            self.said.get_nowait()


class Listeners:
    """All who listen. Works only while somebody does."""

    def __init__(self) -> None:
        self._all: set[Listener] = set()
        self._work: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def listening(
        self, services: Services, caller: Caller, since: str
    ) -> AsyncIterator["asyncio.Queue[str | None]"]:
        """What is said to the caller's page during the block: what happens after the position."""
        listener = Listener(caller)
        if missed := _told(caller, services.live.missed(since)):
            listener.tell(missed)
        self._all.add(listener)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._serve(services))
        try:
            yield listener.said
        finally:
            self._all.discard(listener)
            if not self._all and self._work:
                self._work.cancel()
                self._work = None

    async def _serve(self, services: Services) -> None:
        try:
            async with asyncio.TaskGroup() as work:
                work.create_task(self._pass_on(services.live))
                work.create_task(self._look_at_rights(services))
        except* Exception:
            # Without the database nobody's rights are known.
            log.exception("listeners_ended")
            for listener in self._all:
                listener.end()

    async def _pass_on(self, live: Live) -> None:
        async with live.follow(live.position) as unread:
            while True:
                heard = [await unread.get()]
                while not unread.empty():
                    heard.append(unread.get_nowait())
                audiences: defaultdict[Audience, list[Listener]] = defaultdict(list)
                for listener in self._all:
                    audiences[listener.audience].append(listener)
                for audience in audiences.values():
                    if said := _told(audience[0].caller, heard):
                        for listener in audience:
                            listener.tell(said)
                await asyncio.sleep(TOGETHER_SECONDS)

    async def _look_at_rights(self, services: Services) -> None:
        database = services.database
        while True:
            await asyncio.sleep(RIGHTS_ARE_LOOKED_AT_SECONDS)
            tenants: defaultdict[UUID, list[Listener]] = defaultdict(list)
            for listener in self._all:
                tenants[listener.caller.tenant_id].append(listener)
            for tenant_id, listeners in tenants.items():
                found = await find_callers(database, tenant_id, [listener.claims for listener in listeners])
                for listener in listeners:
                    # One whose session has gone on in another tenant is found by its account only.
                    now = found.get(listener.claims) or await find_caller(database, listener.claims)
                    if now != listener.caller:
                        listener.end_without_rights()


def _told(caller: Caller, heard: Sequence[Heard]) -> str:
    """What the caller is told of it: of each case that it is, with its newest version."""
    if not heard:
        return ""
    if any(each.news is None for each in heard):
        return f"id: {heard[-1].position}\n{_LOOK_AGAIN}"
    newest = {each.news.case_id: each.news for each in heard if each.news and may_hear(caller, each.news)}
    if not newest:
        return ""
    return "".join(_events(newest.values())) + f"id: {heard[-1].position}\n\n"


def _events(news: Iterable[News]) -> Iterable[str]:
    for each in news:
        said = {"kind": each.kind, "id": str(each.case_id), "version": each.version}
        yield f"event: case\ndata: {json.dumps(said)}\n\n"
