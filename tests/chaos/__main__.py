"""`make chaos`: a stack of its own, people at work on it, and every fault that we know at random moments.

Prints what became of their promises, and ends with 1 when one of them was not kept.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random, SystemRandom

from rich.console import Console

from tests.chaos.evidence import write_evidence
from tests.chaos.faults import EVERY, Fault, Scene
from tests.chaos.mail import moody_mail_server
from tests.chaos.mailbox import mail_storm
from tests.chaos.storm import Storm, rage
from tests.chaos.table import table_of
from tests.e2e.invariants import late_deadlines
from tests.stack.people import People
from tests.stack.running_stack import RunningStack

AT_MOST_MINUTES = 20
MAILS_PER_KILL = 50
_SHOWN = 40


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="make chaos CHAOS_ARGS=", description=__doc__)
    parser.add_argument("--minutes", type=float, default=12.0, help="for how long faults happen (12; at most 13)")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10_000), help="repeats an order of faults")
    parser.add_argument("--people", type=int, default=8, help="how many are at work at a time (8)")
    parser.add_argument("--only", default="", help="only faults with these words in their name")
    parser.add_argument("--keep", action="store_true", help="keep the stack's logs though all is well")
    parser.add_argument("--mails", type=int, default=0, help="instead: so many mails, and a kill for every 50 of them")
    given = parser.parse_args()
    console = Console(width=max(120, Console().width), highlight=False)
    if given.mails:
        return asyncio.run(_mails(given, console))
    console.print(f"Seed {given.seed}; faults for {given.minutes:g} minutes.")
    try:
        storm = asyncio.run(_weather(given, console))
    except TimeoutError:
        console.print(f"Not over within {AT_MOST_MINUTES} minutes.")
        return 1
    console.print(table_of(storm))
    for finding in storm.findings[:_SHOWN]:
        console.print(f"{finding.harm} ({storm.blamed(finding)}, {finding.at:%H:%M:%S}): {finding.what}", markup=False)
    if len(storm.findings) > _SHOWN:
        console.print(f"... and {len(storm.findings) - _SHOWN} more")
    console.print(f"Seed {given.seed}.")
    return 1 if storm.findings else 0


async def _mails(given: argparse.Namespace, console: Console) -> int:
    """Has mails come in while everything is killed; returns the exit code."""
    console.print(f"Seed {given.seed}; {given.mails} mails.")
    folder, began = tempfile.mkdtemp(prefix="casewright-chaos-"), time.monotonic()
    kills = max(1, given.mails // MAILS_PER_KILL)
    storm, faults = await mail_storm(Path(folder) / "home", Random(given.seed), mails=given.mails, kills=kills)
    for fault in faults[:_SHOWN]:
        console.print(fault, markup=False)
    killed = ", ".join(f"{part} {times}" for part, times in sorted(storm.killed.items()))
    seconds = time.monotonic() - began
    console.print(
        f"{storm.sent.total()} mails, {len(faults)} faults, killed: {killed}; {seconds:.0f} s. Seed {given.seed}."
    )
    if faults:
        console.print(f"Logs are in {folder}.")
        return 1
    await asyncio.to_thread(shutil.rmtree, folder)
    return 0


async def _weather(given: argparse.Namespace, console: Console) -> Storm:
    random = Random(given.seed)
    folder = tempfile.mkdtemp(prefix="casewright-chaos-")
    home = Path(folder) / "home"
    async with asyncio.timeout(AT_MOST_MINUTES * 60), moody_mail_server(home) as mail:
        stack = RunningStack(home, CASEWRIGHT_SMTP_URL=mail.url)
        people = People(stack.address)
        keep = True
        try:
            await stack.start()
            await _promise_quick_answers(people)
            faults = _until(time.monotonic() + min(given.minutes, 13.0) * 60, random, given.only, console)
            scene = Scene(stack, random, mail)
            storm = await rage(scene, people, faults, crowd_size=given.people, calm=8.0, settled_within=120.0)
            storm.findings += await late_deadlines(stack)
            if storm.findings:
                await write_evidence(stack, Path(folder))
            keep = given.keep or bool(storm.findings)
            return storm
        finally:
            await people.close()
            await stack.stop()
            stack.remove()
            if keep:
                console.print(f"Logs and what the database told are in {folder}.")
            else:
                await asyncio.to_thread(shutil.rmtree, folder)


def _until(end: float, random: Random, only: str, console: Console) -> Iterator[Fault]:
    """Each fault once, in any order, then again, as long as there is time."""
    known = [fault for fault in EVERY if only in fault.name]
    while known and time.monotonic() < end:
        for fault in random.sample(known, len(known)):
            if time.monotonic() < end:
                console.print(f"{time.strftime('%H:%M:%S')} {fault.name}")
                yield fault


async def _promise_quick_answers(people: People) -> None:
    """Urgent tickets are to be answered within a minute, round the clock, so that deadlines fall due meanwhile."""
    admin = await people.log_in("admin@globex.example")
    always = {"name": "Always", "timezone": "UTC", "always_open": True}
    calendar = await admin.post("calendars", json=always)
    assert calendar.status_code == 201, calendar.text
    policies = (await admin.get("sla-policies")).json()["items"]
    policy = next(each for each in policies if each["is_default"])
    policy_id = policy.pop("id")
    policy["calendar_id"] = calendar.json()["id"]
    policy["targets"]["urgent"] = {"first_response_minutes": 1, "resolution_minutes": 3}
    changed = await admin.put(f"sla-policies/{policy_id}", json=policy)
    assert changed.status_code == 200, changed.text


if __name__ == "__main__":
    sys.exit(main())
