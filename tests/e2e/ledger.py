"""What the API has answered to whom: the promises that a crash must not break."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2

from tests.e2e.desk import Json, new_key

AWAY = frozenset({502, 503})


@dataclass(frozen=True)
class Answer:
    """What one command was answered at last: its id, the status, the body, and when."""

    command_id: str
    status: int
    body: Json
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def done(self) -> bool:
        """A 2xx that is a promise kept already."""
        return self.status in (200, 201)


@dataclass
class Ledger:
    """Every command that was asked for, with its answer."""

    answers: list[Answer] = field(default_factory=list)
    missed: int = 0
    """How often nobody answered, or only that the service is away."""

    @property
    def statuses(self) -> Counter[int]:
        """How many answers there are of each status."""
        return Counter(answer.status for answer in self.answers)

    async def ask(
        self, person: httpx2.AsyncClient, path: str, body: Json, *, patience: float = 60.0, method: str = "POST"
    ) -> Answer:
        """Posts as a careful client does: with a key, and again under the same key while nobody answers."""
        key = new_key()
        deadline = time.monotonic() + patience
        while True:
            if answer := await self.ask_once(person, path, body, key, method=method):
                return answer
            assert time.monotonic() < deadline, f"nobody answers {path}"
            await asyncio.sleep(0.1)

    async def ask_once(
        self, person: httpx2.AsyncClient, path: str, body: Json, key: str, *, method: str = "POST", within: float = 30.0
    ) -> Answer | None:
        """Asks and takes down the answer; None when nobody answers, or only that the service is away."""
        try:
            heard = await person.request(method, path, json=body, headers={"Idempotency-Key": key}, timeout=within)
        except httpx2.TransportError:
            heard = None
        if heard is None or heard.status_code in AWAY:
            self.missed += 1
            return None
        assert heard.status_code < 500, f"{path}: {heard.text}"
        answer = Answer(heard.headers.get("Command-Id", key), heard.status_code, heard.json())
        self.answers.append(answer)
        return answer
