"""The figures for Prometheus: what they count, and who may read them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from runtime.build import build_of, version
from runtime.settings import Settings
from tests.api.demo_house import House, client, house
from tests.stack.databases import Copy

TOKEN = "a-token-for-the-scraper"


@pytest.fixture(scope="module")
async def with_token(api_home: Path, api_database: Copy) -> AsyncIterator[House]:
    async with house(api_home, api_database, metrics_token=SecretStr(TOKEN)) as opened:
        yield opened


async def test_requests_are_counted_by_route_not_by_path(in_house: House) -> None:
    agent = await in_house.person("agent@acme.example")
    labels = {"method": "GET", "route": "/api/v1/tickets/{ticket_id}", "status": "404"}
    before = await _value(in_house, "casewright_http_request_seconds_count", **labels)
    paths = [f"/api/v1/tickets/{uuid4()}" for _ in range(3)]
    for path in paths:
        assert (await agent.get(path)).status_code == 404
    assert await _value(in_house, "casewright_http_request_seconds_count", **labels) == before + 3
    told = (await in_house.nobody.get("/metrics")).text
    assert not any(path.rpartition("/")[2] in told for path in paths)


async def test_whatever_strangers_ask_for_makes_no_new_series(in_house: House) -> None:
    for number in range(5):
        await in_house.nobody.get(f"/stranger/{number}")
        await in_house.nobody.request(f"STRANGE{number}", "/healthz")
    told = (await in_house.nobody.get("/metrics")).text
    assert "stranger" not in told
    assert "STRANGE" not in told
    assert await _value(
        in_house, "casewright_http_request_seconds_count", method="GET", route="unmatched", status="404"
    )


async def test_durations_are_a_histogram(in_house: House) -> None:
    await in_house.nobody.get("/healthz")
    labels = {"method": "GET", "route": "/healthz", "status": "200"}
    count = await _value(in_house, "casewright_http_request_seconds_count", **labels)
    assert await _value(in_house, "casewright_http_request_seconds_bucket", le="+Inf", **labels) == count


async def test_commands_are_counted_by_outcome(in_house: House) -> None:
    customer = await in_house.person("client@acme.example")
    labels = {"kind": "ticket.open", "outcome": "unanswered"}
    before = await _value(in_house, "casewright_commands_total", **labels)
    answer = await customer.post("/api/v1/tickets", json={"subject": "Hello", "body": "Is anybody there?"})
    assert answer.status_code == 202, answer.text
    assert await _value(in_house, "casewright_pending_commands") >= 1
    assert await _value(in_house, "casewright_oldest_command_seconds") > 0
    assert await _value(in_house, "casewright_unsent_deliveries") >= 0
    assert await _value(in_house, "casewright_overdue_tasks") >= 0
    assert await _value(in_house, "casewright_commands_total", **labels) == before + 1


async def test_the_pages_of_the_documentation_are_routes_like_others(in_house: House) -> None:
    for path in ("/docs", "/static/docs.js", "/static/swagger-ui/swagger-ui.css", "/api/v1/openapi.json"):
        assert (await in_house.nobody.get(path)).status_code == 200
    for route in ("/docs", "/static/{path}", "/api/v1/openapi.json"):
        labels = {"method": "GET", "route": route, "status": "200"}
        assert await _value(in_house, "casewright_http_request_seconds_count", **labels), route
    told = (await in_house.nobody.get("/metrics")).text
    assert 'route="unmatched",status="200"' not in told


async def test_they_say_which_code_runs(in_house: House) -> None:
    labels = {"process": "api", "version": version(), "build": build_of(Settings(_env_file=None))}
    assert await _value(in_house, "casewright_build_info", **labels) == 1


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.9.1"])
async def test_this_machine_reads_them(in_house: House, address: str) -> None:
    assert (await client(in_house.app, address=address).get("/metrics")).status_code == 200


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "::2", "unknown"])
async def test_others_do_not(in_house: House, address: str) -> None:
    answer = await client(in_house.app, address=address).get("/metrics")
    assert (answer.status_code, answer.json()["code"]) == (403, "metrics_private")


async def test_a_proxy_on_this_machine_does_not_make_everybody_local(in_house: House) -> None:
    answer = await in_house.nobody.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"})
    assert answer.status_code == 403


async def test_a_token_is_asked_of_everybody_once_there_is_one(with_token: House) -> None:
    far = client(with_token.app, address="192.0.2.7")
    assert (await far.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 200
    for wrong in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Basic {TOKEN}"}):
        answer = await with_token.nobody.get("/metrics", headers=wrong)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_they_are_no_part_of_the_api(in_house: House) -> None:
    assert (await in_house.nobody.get("/api/v1/metrics")).status_code == 404
    described = (await in_house.nobody.get("/api/v1/openapi.json")).json()
    assert not [
        path for path in described["paths"] if re.search("metrics$|docs|static", path) and "tickets" not in path
    ]


async def _value(opened: House, name: str, **labels: str) -> float:
    answer = await opened.nobody.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    # Of all figures of a process that has been through many tests, the few that are asked for.
    told = "".join(f"{line}\n" for line in answer.text.splitlines() if line.startswith(name))
    for family in text_string_to_metric_families(told):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return 0.0
