"""Any process may be killed at any time: what was answered stays true, and what was begun is finished.

In small: `make chaos` does it for longer, and with every fault that we know. Orders stand in each stage of their story
meanwhile, and go on afterwards.
"""

from random import Random

from tests.chaos.faults import IN_SMALL, Scene
from tests.chaos.shelf import Shelf
from tests.chaos.storm import rage
from tests.chaos.table import COLUMNS, lines_of
from tests.e2e import invariants
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.workflows.orders.receiver import receiving

SEED = 14


async def test_a_crash_under_load_loses_nothing_and_does_nothing_twice(stack: RunningStack, people: People) -> None:
    scene = Scene(stack, Random(SEED))
    async with receiving() as receiver:
        shelf = await Shelf.filled(people, receiver)
        faults = [shelf.answers_after(IN_SMALL[0]), *IN_SMALL[1:]]
        storm = await rage(scene, people, faults, crowd_size=5, breath=1.0, calm=1.0, settled_within=90.0)
        assert storm.findings == []
        await shelf.clear()
        await invariants.check(stack, people, shelf.ledger)
        assert await shelf.left() == []
    for what in ("invoices", "stock"):
        audited = stack.command(what, "audit")
        assert audited.returncode == 0, audited.stdout
    assert storm.ledger.statuses.keys() <= {200, 201, 202, 409}, storm.ledger.statuses
    assert [struck.fault for struck in storm.struck] == [fault.name for fault in IN_SMALL]
    assert all(len(struck.recovery) == 5 for struck in storm.struck)
    table = [dict(zip(COLUMNS, line, strict=True)) for line in lines_of(storm)]
    assert {line["fault"] for line in table} == {*(fault.name for fault in IN_SMALL), "all"}
    assert [table[-1][name] for name in ("faults", "lost", "doubled", "illegal", "stuck")] == ["5", "0", "0", "0", "0"]
