"""What a quote offers, who accepts it and the link to it stay in the database: no log and no history has them."""

from uuid import uuid4

import httpx2

from tests.e2e.quotes import do, link_of, sent_quote
from tests.stack.people import People
from tests.stack.running_stack import RunningStack

CANARY = f"canary{uuid4().hex[:12]}"


async def test_no_log_and_no_history_tells_what_was_offered(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    lines = [{"name": f"{CANARY} line", "description": f"{CANARY} text", "quantity": 1, "unit_price": 100}]
    quote = await sent_quote(agent, customer, lines=lines, notes=f"{CANARY} notes", terms=f"{CANARY} terms")
    token = await link_of(people, quote)
    path = f"public/quotes/{token}"
    assert (await people.nobody.get(path)).status_code == 200
    assert (await people.nobody.get(f"{path}x")).status_code == 404
    assert (await people.nobody.post(f"{path}/accept", json={"name": CANARY, CANARY: 1})).status_code == 422
    accepted = await people.nobody.post(f"{path}/accept", json={"name": CANARY, "signature": CANARY})
    assert accepted.status_code == 200, accepted.text
    assert (await people.nobody.post(f"{path}/decline", json={"reason": CANARY})).status_code == 409
    asked = await customer.post("quote-requests", json={"description": CANARY})
    assert asked.status_code == 201, asked.text
    await do(agent, quote, "convert")

    logs = {file.name: file.read_text(errors="replace") for file in (stack.home / "logs").glob("*.log*")}
    for secret in (CANARY, token, token.rpartition(".")[2]):
        assert [name for name, log in logs.items() if secret in log] == []
    temporal = await stack.temporal()
    for case in (f"quote/{quote['id']}", f"quote_request/{asked.json()['id']}"):
        async for run in temporal.list_workflows(f"WorkflowId = '{case}'"):
            handle = temporal.get_workflow_handle(case, run_id=run.run_id)
            known = (await handle.describe()).raw_description.SerializeToString()
            known += b"".join([event.SerializeToString() async for event in handle.fetch_history_events()])
            assert case.partition("/")[2].encode() in known
            for secret in (CANARY, token, "@globex.example"):
                assert secret.encode() not in known
