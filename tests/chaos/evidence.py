"""What the database tells of a storm, for whoever looks into its findings."""

from pathlib import Path

import psycopg

from tests.stack.running_stack import RunningStack

_TOLD = ("command", "event", "delivery", "task", "sla_clock", "sla_breach")


async def write_evidence(stack: RunningStack, folder: Path) -> None:
    """Writes what cases leave behind to a CSV file for each table."""
    async with await psycopg.AsyncConnection.connect(stack.superuser_url) as database:
        for table in _TOLD:
            content = bytearray()
            async with database.cursor().copy(f"COPY {table} TO STDOUT WITH CSV HEADER".encode()) as copy:
                async for part in copy:
                    content += part
            (folder / f"{table}.csv").write_bytes(content)
