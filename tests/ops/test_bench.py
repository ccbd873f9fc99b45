import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bench.cpu import cpu_of
from bench.engine import NEW_CASE
from bench.http_connection import HttpConnection, UnexpectedAnswer, request
from bench.load import Ask, Figure, Series, measure, percentile
from bench.product import GET_TICKET, OPEN_TICKET, REPLY
from bench.report import growth, lines, table
from ops.leftovers import remember, remembered
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually


def _figure(name: str, at_a_time: int = 1, p50_ms: float = 10, rate: float = 100) -> Figure:
    return Figure(name, at_a_time, 200, p50_ms, p50_ms * 2, rate, 0, 0.1)


def test_percentiles() -> None:
    hundred = [float(n) for n in range(100, 0, -1)]
    assert (percentile(hundred, 50), percentile(hundred, 95), percentile(hundred, 100)) == (50, 95, 100)
    assert percentile([7.0], 50) == percentile([7.0], 95) == 7.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


async def test_each_client_asks_again_when_it_is_answered() -> None:
    asked: list[int] = []
    busy = most = 0

    async def ask(client: int) -> bool:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0)
        busy -= 1
        asked.append(client)
        return client != 3

    series = Series("asking", 4, ask)
    await series.go_on(30)
    await series.go_on(10)
    figure = series.figure()
    assert (figure.name, figure.at_a_time, figure.requests) == ("asking", 4, 40)
    assert (len(asked), set(asked), most) == (40, {0, 1, 2, 3}, 4)
    assert figure.late == asked.count(3)


async def test_series_take_turns_after_a_warm_up_that_does_not_count() -> None:
    asked: list[str] = []

    def asking(name: str) -> Ask:
        async def ask(_: int) -> bool:
            asked.append(name)
            return True

        return ask

    figures = await measure([Series("a", 1, asking("a")), Series("b", 1, asking("b"))], 10)
    assert [figure.requests for figure in figures] == [10, 10]
    assert "".join(asked) == "aabb" + "aabb" + "aaabbb" + "aabb" + "aaabbb"


async def test_what_is_left_to_do_after_the_answers_counts_as_cpu_time() -> None:
    used = {"worker": 500.0}
    left = 0

    async def ask(_: int) -> bool:
        nonlocal left
        used["worker"] += 2
        left += 1
        return True

    async def settled() -> None:
        nonlocal left
        used["worker"] += 5 * left
        left = 0

    async def ask_nothing_more(_: int) -> bool:
        used["worker"] += 1
        return left == 0

    series = [Series("reply", 2, ask, settled), Series("other", 2, ask_nothing_more)]
    reply, other = await measure(series, 8, lambda: dict(used))
    assert (reply.cpu_ms, other.cpu_ms) == ({"worker": 7.0}, {"worker": 1.0})
    assert other.late == 0


def test_cpu_time_is_that_of_a_process_and_its_children(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    have_burned = f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {burn!r}])"
    parent = f"{have_burned}; print(flush=True); time.sleep(60)"
    cpu = cpu_of(lambda name: remembered(tmp_path / f"{name}.json"))
    assert cpu() == {}
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        try:
            remember(tmp_path / "temporal.json", process.pid, signal.SIGTERM)
            assert process.stdout is not None
            process.stdout.readline()
            used = cpu()
        finally:
            process.kill()
    assert list(used) == ["engine"]
    assert used["engine"] >= 290
    assert cpu() == {}


async def test_the_first_failure_ends_a_measurement() -> None:
    async def ask(client: int) -> bool:
        raise UnexpectedAnswer(f"client {client} was refused")

    with pytest.raises(UnexpectedAnswer, match="was refused"):
        await measure([Series("asking", 2, ask)], 4)


def test_figures_stand_beside_the_engine_and_beside_what_they_should_be() -> None:
    engine, product = _figure(NEW_CASE, p50_ms=20, rate=60), _figure(OPEN_TICKET, p50_ms=50, rate=24)
    slow, crowd = _figure(GET_TICKET, p50_ms=9), _figure(OPEN_TICKET, at_a_time=20, rate=34.9)
    compared = lines([engine, product, slow, crowd])
    assert [(line.p50_ratio, line.rate_ratio) for line in compared] == [
        (None, None),
        (2.5, 2.5),
        (None, None),
        (None, None),
    ]
    assert [line.target for line in compared] == [None, "p50 60 ms or less", "p50 5 ms or less", "35/s or more"]
    assert [line.target_met for line in compared] == [None, True, False, False]
    assert table(compared).row_count == 4


def test_cpu_times_have_columns_only_where_they_could_be_read() -> None:
    quiet = _figure(GET_TICKET)
    read = replace(quiet, cpu_ms={"worker": 7.0, "api": 1.25})
    headings = [str(column.header) for column in table(lines([quiet, read])).columns]
    assert [heading for heading in headings if heading in ("api", "worker", "engine", "postgres")] == ["api", "worker"]
    assert len(table(lines([quiet])).columns) == len(headings) - 2


def test_growth_is_the_longest_list_over_the_shortest() -> None:
    assert growth([_figure("short", p50_ms=4), _figure("middle"), _figure("long", p50_ms=6)]) == 1.5
    assert growth([]) is None


async def test_a_connection_is_kept_and_made_anew_when_it_was_closed() -> None:
    async with _server(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok", answers_per_connection=2) as seen:
        connection = HttpConnection("127.0.0.1", seen.port)
        asked = request("POST", "/tickets", token="secret", body={"subject": "é"})
        assert [await connection.ask(asked) for _ in range(2)] == [(201, b"ok")] * 2
        await eventually(lambda: connection.closed, "the server has closed the connection", within=10)
        assert await connection.ask(asked) == (201, b"ok")
        connection.close()
    assert seen.connections == 2
    assert seen.requests[0].startswith(b"POST /tickets HTTP/1.1\r\n")
    assert b"Authorization: Bearer secret\r\n" in seen.requests[0]


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"])
async def test_half_an_answer_is_no_figure(answer: bytes) -> None:
    async with _server(answer, answers_per_connection=1) as seen:
        connection = HttpConnection("127.0.0.1", seen.port)
        with pytest.raises(UnexpectedAnswer):
            await connection.ask(request("GET", "/tickets"))
        connection.close()


def test_the_bench_measures_a_running_stack(stack: RunningStack) -> None:
    measured = stack.command("bench", "--requests", "2", "--json", patience=180)
    assert measured.returncode == 0, measured.stderr
    document = json.loads(measured.stdout)
    assert [line["figure"]["at_a_time"] for line in document["figures"]] == [1, 20] * 9
    assert all(line["figure"]["p50_ms"] > 0 for line in document["figures"])
    assert sum(line["p50_ratio"] is not None for line in document["figures"]) == 8
    assert sum(line["target"] is not None for line in document["figures"]) == 6
    assert all(
        line["figure"]["cpu_ms"].keys() == {"api", "worker", "engine", "postgres"} for line in document["figures"]
    )
    replies = [line["figure"]["cpu_ms"] for line in document["figures"] if line["figure"]["name"] == REPLY]
    assert all(used["worker"] > 0 for used in replies)


@dataclass
class _Seen:
    """What a server on `port` has seen."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def _server(answer: bytes, answers_per_connection: int) -> AsyncIterator[_Seen]:
    seen = _Seen()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        for _ in range(answers_per_connection):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
            seen.requests.append(head + await reader.readexactly(length))
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
