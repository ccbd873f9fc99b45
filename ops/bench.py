"""`casewright bench`: measures the running stack beside its bare engine."""

import asyncio
import json
import os
import platform
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
import uvloop
from rich.console import Console
from temporalio.service import RPCError

from bench.bookings import FEW, MANY, desk_of, measure_availability
from bench.bursts import Burst, measure_bursts, table_of
from bench.cpu import ReadCpu, cpu_of
from bench.engine import engine_load
from bench.finding import measure_finding
from bench.first_views import FirstView
from bench.first_views import table_of as table_of_views
from bench.http_connection import UnexpectedAnswer
from bench.lists import measure_lists
from bench.load import Figure, measure
from bench.login_storm import measure_login_storm
from bench.mail import Outbox
from bench.mailboxes import MailFigures
from bench.mailboxes import table_of as table_of_mail
from bench.open_pages import PAGES, measure_open_pages
from bench.orders import shop_load
from bench.pages import measure_pages
from bench.product import OPEN_TICKET, product_load
from bench.report import ALONE, CROWD, Line, growth, lines, table
from models.database import Database
from ops.bench_mailboxes import measure_mailboxes
from ops.bench_salon import empty, fill, fill_other_days, make_salon
from ops.engine_client import engine_client
from ops.home import Home
from ops.leftovers import remembered
from ops.list_tenants import make_finding_tenant, make_list_tenants
from ops.process import Command
from ops.trouble import Trouble
from runtime.settings import Settings, settings

TENANT = "globex"
"""The demo tenant whose tickets are measured; `casewright demo` plays in the other one."""

FIRST_VIEWS = 5
"""How often a browser opens each page."""

_NARROWEST = 168


@dataclass(frozen=True)
class Measured:
    """API beside bare engine, reading quietly and during a storm of logins; lists, pages, what a browser shows of them,
    commands without and with pages open, finding, bookings and bursts when they were asked for."""

    compared: list[Line]
    storm: tuple[Figure, Figure]
    lists: list[Figure]
    pages: list[Figure]
    first_views: list[FirstView]
    open_pages: list[Figure]
    finding: list[Figure]
    bookings: list[Line]
    bursts: list[Burst]
    mail: MailFigures | None

    @property
    def storm_growth(self) -> float:
        """How many times longer reading takes (p95) while many log in."""
        quiet, during = self.storm
        return round(during.p95_ms / quiet.p95_ms, 2)

    @property
    def rate_with_open_pages(self) -> float | None:
        """The rate of commands with many pages open, as a share of that with none; None where it was not measured."""
        return round(self.open_pages[1].rate / self.open_pages[0].rate, 2) if self.open_pages else None


def bench(
    requests: Annotated[int, typer.Option(min=1, max=100_000, help="How many of each kind are measured.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON and nothing else.")] = False,
    lists: Annotated[bool, typer.Option("--lists", help="Also list among 10,000 to 1,000,000 tickets.")] = False,
    pages: Annotated[bool, typer.Option("--pages", help="Also pages, lists among up to 1,000,000 tickets.")] = False,
    first_views: Annotated[
        bool, typer.Option("--first-views", help="Also how soon a browser shows pages, and answers keys.")
    ] = False,
    open_pages: Annotated[
        bool, typer.Option("--open-pages", help=f"Also status commands while {PAGES} pages are open and listen.")
    ] = False,
    finding: Annotated[
        bool, typer.Option("--finding", help="Also search 100,000 products, and read a customer's 5,000 events.")
    ] = False,
    bookings: Annotated[
        bool, typer.Option("--bookings", help="Also book, and look when to: among 2,000 and 200,000 places taken.")
    ] = False,
    bursts: Annotated[
        bool, typer.Option("--bursts", help="Also 100 commands at once on one ticket, and 500 deadlines at one moment.")
    ] = False,
    mail: Annotated[
        bool, typer.Option("--mail", help="Also mail that comes in, and 200 mailboxes in which nothing happens.")
    ] = False,
) -> None:
    """Measure the running stack beside its bare engine, with one client at a time and with twenty."""
    busy_before = os.getloadavg()[0]
    try:
        asked = (lists, pages, first_views, open_pages, finding, bookings, bursts, mail)
        measured = uvloop.run(_measure(settings(), requests, *asked))
    except (OSError, RPCError) as away:
        raise Trouble(f"The stack does not answer ({away}): start one with `make up`.") from away
    except UnexpectedAnswer as unexpected:
        raise Trouble(str(unexpected)) from unexpected
    if as_json:
        typer.echo(json.dumps(_document(measured, busy_before), indent=2))
    else:
        _show(measured, busy_before)


async def _measure(
    config: Settings,
    requests: int,
    with_lists: bool,
    with_pages: bool,
    with_first_views: bool,
    with_open_pages: bool,
    with_finding: bool,
    with_bookings: bool,
    with_bursts: bool,
    with_mail: bool,
) -> Measured:
    address = urlsplit(config.address)
    host, port = address.hostname or "127.0.0.1", address.port or 80
    password = config.demo_password.get_secret_value()
    clients = (ALONE, CROWD)
    records = Home(config.home.absolute()).run
    cpu = cpu_of(lambda name: remembered(records / f"{name}.json"))
    async with (
        _engine_worker(),
        _database(config) as database,
        engine_client(config) as client,
        engine_load(client, CROWD) as engine,
        product_load(host, port, TENANT, password, CROWD) as product,
        shop_load(host, port, TENANT, password, CROWD) as shop,
    ):
        outbox = Outbox(database, TENANT)
        series = [*engine.series(clients), *product.series(clients, outbox), *shop.series(clients, outbox)]
        figures = await measure(series, requests, cpu)
        storm = await measure_login_storm(host, port, TENANT, password, product, requests)
        of_lists, of_pages = [], []
        if with_lists or with_pages:
            if database is None:
                raise Trouble("The long lists are written to the database: set DATABASE_URL.")
            await make_list_tenants(database, password)
        if with_lists:
            of_lists = await measure_lists(host, port, password, requests, cpu)
        if with_pages:
            of_pages = await measure_pages(host, port, password, requests, cpu)
        seen = await _measure_first_views(host, port, password) if with_first_views else []
        listened = []
        if with_open_pages:
            listened = [*await measure_open_pages(host, port, TENANT, password, product, CROWD, requests, cpu)]
        found = []
        if with_finding:
            if database is None:
                raise Trouble("The many products are written to the database: set DATABASE_URL.")
            await make_finding_tenant(database, password)
            found = await measure_finding(host, port, password, requests, cpu)
        booked = []
        if with_bookings:
            if database is None:
                raise Trouble("The places that are taken are written to the database: set DATABASE_URL.")
            booked = await _measure_bookings(database, host, port, password, requests, cpu)
        bursts = []
        if with_bursts:
            if database is None:
                raise Trouble("Whether deadlines are settled is read in the database: set DATABASE_URL.")
            bursts = await measure_bursts(host, port, TENANT, password, database, cpu)
        mail = None
        if with_mail:
            if database is None:
                raise Trouble("Whether mails are kept is read in the database: set DATABASE_URL.")
            mail = await measure_mailboxes(config, database, client, TENANT, partial(product.open_ticket, 0))
    beside_the_engine = lines([*figures, *booked])[len(figures) :]
    return Measured(lines(figures), storm, of_lists, of_pages, seen, listened, found, beside_the_engine, bursts, mail)


async def _measure_first_views(host: str, port: int, password: str) -> list[FirstView]:
    try:
        from bench.browser import measure_first_views
        from bench.chromium import NoBrowser
    except ImportError as missing:
        raise Trouble(
            f"No browser can be driven here ({missing}): use the checkout that `make up` was run in."
        ) from None
    try:
        return await measure_first_views(host, port, TENANT, password, FIRST_VIEWS)
    except NoBrowser as none:
        raise Trouble(f"There is no browser: {none}") from none


async def _measure_bookings(
    database: Database, host: str, port: int, password: str, requests: int, cpu: ReadCpu
) -> list[Figure]:
    salon = await make_salon(database, password)
    try:
        async with desk_of(host, port, password, salon, CROWD) as desk:
            booked = await measure(desk.booking((ALONE, CROWD)), requests, cpu)
        async with desk_of(host, port, password, salon, ALONE) as desk:
            await fill(database, salon)
            few = await measure_availability(desk, FEW, requests, cpu)
            await fill_other_days(database, salon)
            return [*booked, *few, *await measure_availability(desk, MANY, requests, cpu)]
    finally:
        await empty(database, salon)


@asynccontextmanager
async def _database(config: Settings) -> AsyncIterator[Database | None]:
    """The running stack's, where its address is known."""
    if config.database_url is None:
        yield None
        return
    database = Database(config.database_url.get_secret_value(), pool_size=1)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def _engine_worker() -> AsyncIterator[None]:
    """The bare engine's worker during the block, with this process's environment: that of the running stack."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "bench.engine_worker"]
        worker = Command(argv, dict(os.environ)).start(Path(folder) / "engine-worker.log")
        try:
            yield
        finally:
            worker.terminate()
            await asyncio.to_thread(worker.wait)


def _document(measured: Measured, busy_before: float) -> dict[str, Any]:
    return {
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.platform(),
            "load_average_before": round(busy_before, 2),
        },
        "figures": [asdict(line) for line in measured.compared],
        "login_storm": [asdict(figure) for figure in measured.storm],
        "login_storm_growth": measured.storm_growth,
        "lists": [asdict(figure) for figure in measured.lists],
        "list_growth": growth(measured.lists),
        "pages": [asdict(figure) for figure in measured.pages],
        "first_views": [asdict(view) for view in measured.first_views],
        "open_pages": [asdict(figure) for figure in measured.open_pages],
        "rate_with_open_pages": measured.rate_with_open_pages,
        "finding": [asdict(line) for line in lines(measured.finding)],
        "bookings": [asdict(line) for line in measured.bookings],
        "bursts": [asdict(burst) for burst in measured.bursts],
        "mail": asdict(measured.mail) if measured.mail else None,
    }


def _show(measured: Measured, busy_before: float) -> None:
    console = Console(width=max(_NARROWEST, Console().width), highlight=False)
    console.print(table(measured.compared))
    console.print(table(lines(measured.storm)))
    console.print(f"During the logins a GET takes {measured.storm_growth:.2f} times what it takes quietly (p95).")
    if measured.lists:
        console.print(table(lines(measured.lists)))
        console.print(f"The longest list takes {growth(measured.lists):.2f} times what the shortest takes (p50).")
    if measured.pages:
        console.print(table(lines(measured.pages)))
    if measured.first_views:
        console.print(table_of_views(measured.first_views))
    if measured.open_pages:
        console.print(table(lines(measured.open_pages)))
        console.print(f"With {PAGES} open pages commands have {measured.rate_with_open_pages:.0%} of their rate.")
    if measured.finding:
        console.print(table(lines(measured.finding)))
    if measured.bookings:
        console.print(table(measured.bookings))
    if measured.bursts:
        console.print(table_of(measured.bursts))
    if measured.mail:
        console.print(table_of_mail(measured.mail))
        [posted] = (
            line.figure
            for line in measured.compared
            if (line.figure.name, line.figure.at_a_time) == (OPEN_TICKET, CROWD)
        )
        ratio = measured.mail.opened_rate / posted.rate
        console.print(f"Mails become tickets at {ratio:.2f} times the rate of {OPEN_TICKET} at {CROWD}.")
    console.print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load average before: {busy_before:.2f}")
