"""A token server of a provider (OAuth2), and an IMAP server that takes its tokens."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs


@dataclass
class TokenServer:
    """Gives tokens `token-1`, `token-2` ..., each for `lifetime` seconds, for the `refresh_token` that it wants. With
    `rotates` each answer has a new one. `says` is a status that it answers instead."""

    port: int = 0
    lifetime: object = 3600
    refresh_token: str = "Canary-refresh"
    rotates: bool = False
    says: int | None = None
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/token"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        form = {name: values[0] for name, values in parse_qs((await reader.readexactly(length)).decode()).items()}
        self.asked.append(form)
        status, answer = self._answer(form)
        body = json.dumps(answer).encode()
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    def _answer(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        if self.says:
            return self.says, {"error": "Canary"}
        if form.get("grant_type") == "refresh_token" and form["refresh_token"] != self.refresh_token:
            return 400, {"error": "invalid_grant"}
        answer = {"access_token": f"token-{len(self.asked)}", "expires_in": self.lifetime, "token_type": "Bearer"}
        if self.rotates:
            self.refresh_token = f"Canary-refresh-{len(self.asked)}"
            answer["refresh_token"] = self.refresh_token
        return 200, answer


@dataclass
class TokenImap:
    """An IMAP server with an empty folder, which takes the tokens in `takes`, by the one way that it knows."""

    port: int = 0
    mechanism: str = "XOAUTH2"
    takes: set[str] = field(default_factory=set)
    shown: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hello\r\n")
        while line := await reader.readline():
            tag, _, command = line.decode().strip().partition(" ")
            verb, _, rest = command.partition(" ")
            match verb.upper():
                case "CAPABILITY":
                    writer.write(f"* CAPABILITY IMAP4rev1 AUTH={self.mechanism}\r\n{tag} OK done\r\n".encode())
                case "AUTHENTICATE":
                    await self._authenticate(tag, rest, reader, writer)
                case "SELECT":
                    writer.write(
                        f"* 0 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 1] x\r\n{tag} OK done\r\n".encode()
                    )
                case "UID":
                    writer.write(f"* SEARCH\r\n{tag} OK done\r\n".encode())
                case _:
                    writer.write(f"{tag} OK done\r\n".encode())
            await writer.drain()
        writer.close()

    async def _authenticate(
        self, tag: str, mechanism: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        assert mechanism == self.mechanism
        writer.write(b"+ \r\n")
        await writer.drain()
        said = base64.b64decode(await reader.readline()).decode()
        token = said.partition("Bearer ")[2].partition("\1")[0]
        self.shown.append(token)
        if token in self.takes:
            writer.write(f"{tag} OK done\r\n".encode())
            return
        # The server says why, and waits for an empty line (RFC 7628, 3.2.3).
        writer.write(b"+ " + base64.b64encode(b'{"status":"401"}') + b"\r\n")
        await writer.drain()
        await reader.readline()
        writer.write(f"{tag} NO [AUTHENTICATIONFAILED] no\r\n".encode())


@asynccontextmanager
async def listening(server: TokenServer | TokenImap) -> AsyncIterator[None]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await server.serve(reader, writer)

    there = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.port = there.sockets[0].getsockname()[1]
    async with there:
        yield
