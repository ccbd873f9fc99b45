"""A session that waits for news, at a server that says things at awkward moments."""

import asyncio
from collections.abc import Sequence

import pytest

from activities.mail.imap import ImapSession
from activities.mail.imap_connection import ImapThreads, Server
from domain.mail.states import Security

HALF_A_MINUTE = 30.0


async def news_at_a_server_that_says(with_its_answer: bytes, afterwards: Sequence[bytes], within: float) -> bool:
    """Whether a session has news that waits at a server which says something in one go with its answer to IDLE, and
    this and that afterwards, at moments of its own."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said, idles = list(afterwards), b""
        writer.write(b"* OK hello\r\n")
        while line := await reader.readline():
            tag, _, command = line.strip().partition(b" ")
            if command.startswith(b"IDLE"):
                idles = tag
                writer.write(b"+ idling\r\n" + with_its_answer)
                while said:
                    await writer.drain()
                    await asyncio.sleep(0.05)
                    writer.write(said.pop(0))
            elif tag == b"DONE":
                writer.write(idles + b" OK done\r\n")
            else:
                writer.write(b"* CAPABILITY IMAP4rev1 IDLE\r\n" + tag + b" OK done\r\n")
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        session = await ImapSession.open(Server("127.0.0.1", port, Security.NONE, private=True), ImapThreads())
        try:
            async with asyncio.timeout(HALF_A_MINUTE / 2):
                return await session.idle(within)
        finally:
            session.abort()


@pytest.mark.parametrize(
    ("with_its_answer", "afterwards"),
    [
        (b"", [b"* 7 EXISTS\r\n"]),
        (b"* 7 EXISTS\r\n", []),
        (b"* 7 EXI", [b"STS\r\n"]),
        (b"", [b"* 7 FETCH ", b"(UID 9 FLAGS ())\r\n"]),
        (b"", [b"* OK Still here\r\n", b"* 7 EXISTS\r\n"]),
    ],
    ids=["said later", "in one go with the answer", "begun with the answer", "in two pieces", "after a sign of life"],
)
async def test_news_is_heard_at_once_however_it_is_said(with_its_answer: bytes, afterwards: list[bytes]) -> None:
    assert await news_at_a_server_that_says(with_its_answer, afterwards, within=HALF_A_MINUTE)


async def test_a_sign_of_life_is_no_news() -> None:
    assert not await news_at_a_server_that_says(b"", [b"* OK Still here\r\n"], within=0.5)
