"""A storm: people at work, faults at random moments, and then what is left of every promise."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

import httpx2
import psycopg

from tests.chaos.crowd import Crowd, Those
from tests.chaos.faults import Fault, Scene, until_all_live
from tests.chaos.recovery import Probes
from tests.e2e import invariants
from tests.e2e.desk import new_key
from tests.e2e.findings import Finding, Harm
from tests.e2e.ledger import Ledger
from tests.stack.people import People
from tests.stack.waiting import eventually

ANSWERS_WITHIN = 60.0
_LOOKS_EVERY = 1.0


@dataclass(frozen=True)
class Struck:
    """A fault that happened, and how long each kind of command took to be answered afterwards."""

    fault: str
    at: datetime
    recovery: list[float]


@dataclass
class Storm:
    """What happened, and what does not hold after it."""

    struck: list[Struck] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    cases: int = 0

    def blamed(self, finding: Finding) -> str:
        """The fault that a finding goes back to: the last one before it."""
        before = [struck.fault for struck in self.struck if struck.at <= finding.at]
        return before[-1] if before else "before any fault"


async def rage(
    scene: Scene,
    people: People,
    faults: Iterable[Fault],
    *,
    crowd_size: int,
    calm: float,
    settled_within: float,
    breath: float = 0.0,
) -> Storm:
    """Lets `faults` happen one after the other, with up to `calm` seconds between them, while people are at work.

    They take a breath of up to `breath` seconds before each deed. Waits, at most so many seconds, until all is settled;
    then finds what does not hold.
    """
    storm = Storm()
    those = await Those.of(people)
    crowd = Crowd(those, storm.ledger, scene.random, crowd_size, breath)
    probes = await Probes.of(those, storm.ledger)
    life = asyncio.create_task(crowd.live())
    try:
        await eventually(lambda: life.done() or len(storm.ledger.answers) > crowd_size, "people are at work")
        for fault in faults:
            await asyncio.sleep(scene.random.uniform(0.0, calm))
            storm.struck.append(await _strike(scene, fault, probes, storm))
        crowd.go_home()
        await life
    finally:
        life.cancel()
    storm.cases = crowd.begun
    storm.findings += crowd.findings
    await _settle(scene, people, storm, settled_within)
    await _last_words(crowd, storm)
    await _settle(scene, people, storm, settled_within)
    try:
        found = await invariants.findings(scene.stack, people, storm.ledger)
        if found:
            # An order that was waiting for somebody else may just have gone on: what is wrong is wrong afterwards too.
            await _settle(scene, people, storm, settled_within)
            found = await invariants.findings(scene.stack, people, storm.ledger)
        storm.findings += found
    except (httpx2.TransportError, psycopg.Error) as away:
        storm.findings.append(Finding(Harm.STUCK, f"it cannot even be looked at: {away!r}"))
    return storm


async def _strike(scene: Scene, fault: Fault, probes: Probes, storm: Storm) -> Struck:
    at = datetime.now(UTC)
    try:
        async with fault.strikes(scene):
            recovery = await probes.recover() if fault.answered_meanwhile else []
        recovery = recovery or await probes.recover()
        await until_all_live(scene.stack)
    except AssertionError as wrong:
        storm.findings.append(Finding(Harm.STUCK, f"{fault.name}: {wrong}"))
        return Struck(fault.name, at, [])
    if None in recovery:
        storm.findings.append(Finding(Harm.STUCK, f"{fault.name}: new commands are not answered: {recovery}"))
    return Struck(fault.name, at, [seconds for seconds in recovery if seconds is not None])


async def _settle(scene: Scene, people: People, storm: Storm, within: float) -> None:
    """Waits until nothing is pending; what was refused for good is sent again by staff."""
    agent = await people.log_in("agent@globex.example")
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with suppress(httpx2.TransportError):
            answer = await agent.get("deliveries", params={"status": "failed", "limit": 200})
            failed = answer.json()["items"] if answer.is_success else []
            for delivery in failed:
                await agent.post(f"deliveries/{delivery['id']}/retry")
            if answer.is_success and not failed and await invariants.quiet(scene.stack):
                return
        await asyncio.sleep(_LOOKS_EVERY)


async def _last_words(crowd: Crowd, storm: Storm) -> None:
    """Every case that was left open answers."""
    places = asyncio.Semaphore(8)

    async def answers(who: httpx2.AsyncClient, path: str, body: dict[str, object]) -> None:
        async with places:
            deadline, key = time.monotonic() + ANSWERS_WITHIN, new_key()
            try:
                answer = await storm.ledger.ask_once(who, path, body, key)
                while (answer is None or answer.status == HTTPStatus.ACCEPTED) and time.monotonic() < deadline:
                    await asyncio.sleep(_LOOKS_EVERY)
                    answer = await storm.ledger.ask_once(who, path, body, key)
            except AssertionError as wrong:
                storm.findings.append(Finding(Harm.ILLEGAL, str(wrong)))
            else:
                if answer is None or not answer.done:
                    storm.findings.append(Finding(Harm.STUCK, f"{path} is not answered: {answer}"))

    async with asyncio.TaskGroup() as asking:
        for each in crowd.left:
            asking.create_task(answers(*each))
