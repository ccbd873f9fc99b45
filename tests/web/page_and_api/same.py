"""What a page's form and the API are both asked, as a row of a table, and what most rows are asked of."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from tests.e2e import desk
from tests.stack.people import People
from tests.web.visitor import Files

Ids = dict[str, str]
Make = Callable[[People], Awaitable[str | Ids]]


@dataclass(frozen=True)
class Same:
    """`who` sends the page's form at `action` with what is `typed` and the `files`, and asks the API's `asked` with
    `body` and the same files, of what `make` makes: its id stands for `{id}` in all of them, others by their names.
    `code` is why it is refused, where it is. `look` is the form that is sent first, with what is typed, and leads to
    the other one; `version` is the one that the page has shown. `last` is the event that comes by itself after the
    others; what is `unwritten` leaves neither a command nor an entry of the audit. `leads_to` is what the page answers
    that one comes to."""

    who: str
    make: Make
    page: str
    action: str
    asked: str
    typed: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    files: Files = field(default_factory=list)
    look: str = ""
    version: int = 0
    last: str = ""
    unwritten: bool = False
    leads_to: HTTPStatus = HTTPStatus.OK

    def __str__(self) -> str:
        return f"{self.asked} {self.code}".strip()

    @property
    def email(self) -> str:
        """With what `who` logs in; nothing where that is nobody."""
        return self.who if not self.who or "@" in self.who else f"{self.who}@globex.example"

    async def ids(self, people: People) -> Ids:
        """Makes what is asked of."""
        made = await self.make(people)
        return made if isinstance(made, dict) else {"id": made}


def filled(said: Any, ids: Ids) -> Any:
    """What is said, with ids in the places that are named for them."""
    if isinstance(said, dict):
        return {name: filled(value, ids) for name, value in said.items()}
    if isinstance(said, list):
        return [filled(value, ids) for value in said]
    return said.format(**ids) if isinstance(said, str) else said


async def nothing(_: People) -> str:
    return ""


async def a_word(_: People) -> str:
    return str(uuid4())


async def own_customer(people: People) -> str:
    """The customer that the client speaks for."""
    return str((await desk.read(await people.log_in("client@globex.example"), "me"))["customer"]["id"])


def made(path: str, **given: Any) -> Make:
    """Makes something of the house's, of a name that no other has."""

    async def make(people: People) -> str:
        body = filled(given or {"name": "{word}"}, {"word": str(uuid4())})
        answer = await (await people.log_in("admin@globex.example")).post(path, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    return make


async def task_of(people: People, who: str, case_id: str) -> Ids:
    """A case with its task, as somebody sees it."""
    (newest,) = (await desk.read(await people.log_in(f"{who}@globex.example"), "reviews", case_id=case_id))["items"]
    return {"id": case_id, "task": newest["id"]}
