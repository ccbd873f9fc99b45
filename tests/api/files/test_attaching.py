"""Attaching files to a ticket, as far as it goes without Temporal: the command is written and waits."""

import asyncio

from uuid_utils.compat import uuid4

from tests.api.files.office import AT_ONCE, Office, a_row, opening, send
from tests.domain.files import samples


async def test_of_two_who_attach_a_file_one_gets_it(office: Office) -> None:
    client = await office.person("client")
    files = [(await send(client, samples.TEXT, f"{n}.txt")).json()["id"] for n in range(4)]
    for first, second in (files[:2], files[2:]):
        answers = await asyncio.gather(
            *(client.post("tickets", json=opening(*ids)) for ids in ((first, second), (second, first), (second,)))
        )
        assert sorted(answer.status_code for answer in answers) == [202, 422, 422]
        for answer in answers:
            if answer.status_code == 422:
                assert answer.json()["code"] == "file_unknown"
                assert answer.json()["errors"][0]["field"].startswith("file_ids.")


async def test_only_what_is_ones_own_and_finished_can_be_attached(office: Office) -> None:
    client, other = await office.person("client"), await office.person("client", "2")
    own = (await send(client, samples.TEXT)).json()["id"]
    foreign = (await send(other, samples.TEXT)).json()["id"]
    unfinished = await a_row(office, client, own)
    for file_id in (foreign, str(unfinished.id), str(uuid4())):
        answer = await client.post("tickets", json=opening(own, file_id))
        assert (answer.status_code, answer.json()["code"]) == (422, "file_unknown")
        assert answer.json()["errors"][0]["field"] == "file_ids.1"
    assert (await client.post("tickets", json=opening(*(str(uuid4()) for _ in range(21))))).status_code == 422
    assert (await client.post("tickets", json=opening("no uuid"))).status_code == 422
    # None of these has used it up.
    assert (await client.post("tickets", json=opening(own, own))).status_code == 202
    assert (await client.post("tickets", json=opening(own))).json()["code"] == "file_unknown"


async def test_what_waits_to_be_posted_is_for_its_uploader_only(fresh: Office) -> None:
    client = await fresh.person("client")
    file_id = (await send(client, samples.TEXT)).json()["id"]
    assert (await client.post("tickets", json=opening(file_id))).status_code == 202
    assert (await (await fresh.person("agent")).get(f"files/{file_id}")).status_code == 404
    assert (await client.get(f"files/{file_id}")).status_code == 200
    # Attached, it is not forgotten, however old.
    await fresh.sweep(**AT_ONCE)
    assert (await client.get(f"files/{file_id}")).status_code == 200
