"""How long it takes after a fault until new commands are answered as on any other day."""

import asyncio
import time
from collections.abc import Iterator
from itertools import cycle

import httpx2

from tests.chaos.crowd import Those
from tests.e2e.desk import Json, new_key
from tests.e2e.kyc_desk import new_customer
from tests.e2e.ledger import Ledger
from tests.e2e.quotes import LINES

GIVEN_UP_AFTER = 120.0
_AN_ANSWER_WITHIN = 5.0
_PAUSE = 0.2


class Probes:
    """One new command of each kind of case."""

    def __init__(self, asks: list[tuple[httpx2.AsyncClient, str, str, Iterator[Json]]], ledger: Ledger) -> None:
        self._asks, self._ledger = asks, ledger

    @classmethod
    async def of(cls, those: Those, ledger: Ledger) -> "Probes":
        """By the people who ask, while all is well."""
        customer, agent = those.customer, those.agent
        me = (await customer.get("me")).json()["customer"]["id"]
        checked = (await new_customer(those.admin))["id"]
        risks = [{"risk": risk, "reason": "To see whether it works"} for risk in ("high", "normal")]
        return cls(
            [
                (customer, "POST", "tickets", cycle([{"subject": "Are you there?", "body": "Hello?"}])),
                (customer, "POST", "quote-requests", cycle([{"description": "Are you there?"}])),
                (customer, "POST", "callbacks", cycle([{"phone": "+213550123456", "topic": "Are you there?"}])),
                (agent, "POST", "quotes", cycle([{"customer_id": me, "lines": LINES}])),
                (those.reviewer, "POST", f"customers/{checked}/kyc/risk", cycle(risks)),
            ],
            ledger,
        )

    async def recover(self) -> list[float | None]:
        """The seconds until a command of each kind was answered with its result; None for one that never was."""
        began = time.monotonic()
        return list(await asyncio.gather(*(self._answered(*each, since=began) for each in self._asks)))

    async def _answered(
        self, who: httpx2.AsyncClient, method: str, path: str, bodies: Iterator[Json], *, since: float
    ) -> float | None:
        while time.monotonic() - since < GIVEN_UP_AFTER:
            # Each after the other: what was done late makes the same once more change nothing.
            answer = await self._ledger.ask_once(
                who, path, next(bodies), new_key(), method=method, within=_AN_ANSWER_WITHIN
            )
            if answer is not None and answer.done:
                return time.monotonic() - since
            await asyncio.sleep(_PAUSE)
        return None
