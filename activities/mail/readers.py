"""Reads mails in processes of their own, because a mail may be made to hang its reader or to fill its memory."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from activities.mail.reader_child import CODE, DOMAINS, LENGTH, READ_MAIL, TERMS, Terms
from domain.mail.reading.content import ReadMail, Unreadable

T = TypeVar("T")

WITHIN_SECONDS = 10.0
"""Of processor time: on a busy machine a mail is no worse."""

MEMORY_BYTES = 512 * 1024 * 1024

_PLAIN_SHARE = 0.3
"""So much of the time is left for reading a mail once more, plainly, that could not be read fully."""

_STEP_SHARE = 0.15
"""So much of it may take what a mail can be read without, such as trimming it."""

_WAITED_TIMES = 6
"""So many times as long is waited for it."""

_START_SECONDS = 60.0
_TRIES_TO_START = 3
_IDLE_SECONDS = 60.0
_CHUNK_BYTES = 1024 * 1024
_LARGE_BYTES = 4 * 1024 * 1024
"""After a mail of this size a process is ended, to give its memory back."""

_LONGEST_ANSWER = 64 * 1024 * 1024
_DIED_OF: dict[int, str] = {signal.SIGVTALRM: "too_slow", signal.SIGABRT: "too_big", signal.SIGKILL: "too_big"}
"""What a process' end says of the mail: native code that gets no memory aborts."""


class Readers:
    """Up to `children` processes, each of which reads one mail after the other. They are started when they are needed,
    and ended when a mail was too much for them or when nobody needs them any more."""

    def __init__(
        self, children: int = 2, *, within_seconds: float = WITHIN_SECONDS, memory_bytes: int = MEMORY_BYTES
    ) -> None:
        self._free = asyncio.Semaphore(children)
        self._within_seconds = within_seconds
        self._memory_bytes = memory_bytes
        self._idle: dict[_Child, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[int]] = set()
        self._closed = False

    async def read(self, raw: bytes, *, arrived_at: datetime, whole: bool = True) -> ReadMail:
        """What the mail says (`domain.mail.reading.reader.read`).

        A mail that hangs or breaks its reader is read once more, plainly: untrimmed, and without its HTML. Raises
        Unreadable: `too_slow`, `too_big`, `unreadable`.
        """
        plain_seconds = self._within_seconds * _PLAIN_SHARE
        fully = Terms(len(raw), self._within_seconds - plain_seconds, arrived_at, whole)
        plainly = Terms(len(raw), plain_seconds, arrived_at, whole, plain=True)
        async with self._free:
            with suppress(_Failed):
                answer = await self._try_twice(raw, fully)
                return _parsed(READ_MAIL, answer)
            try:
                answer = await self._try_twice(raw, plainly)
                return _parsed(READ_MAIL, answer)
            except _Failed as failure:
                raise Unreadable(failure.code) from None

    async def signers(self, raw: bytes, keys: Mapping[str, str]) -> tuple[str, ...]:
        """The domains whose signatures of the mail are valid (`domain.mail.signatures.valid_signers`). Raises
        Unreadable as `read`."""
        async with self._free:
            try:
                terms = Terms(len(raw), self._within_seconds, keys=dict(keys))
                return _parsed(DOMAINS, await self._try_twice(raw, terms))
            except _Failed as failure:
                raise Unreadable(failure.code) from None

    async def close(self) -> None:
        """Ends the processes; one that is reading is ended when it has read."""
        self._closed = True
        for child in list(self._idle):
            self._dismiss(child)
        await asyncio.gather(*self._ending)

    async def _try_twice(self, raw: bytes, terms: Terms) -> bytes:
        """A reader that somebody has killed says nothing of the mail, unless it happens again."""
        try:
            return await self._try(raw, terms)
        except _Killed:
            return await self._try(raw, terms)

    async def _try(self, raw: bytes, terms: Terms) -> bytes:
        child = self._take() or await _Child.start(self._memory_bytes, self._within_seconds * _STEP_SHARE)
        try:
            async with asyncio.timeout(terms.seconds * _WAITED_TIMES):
                answer = await child.ask(raw, terms)
        except TimeoutError:
            await child.end()
            raise _Failed("too_slow") from None
        except (asyncio.IncompleteReadError, ConnectionError, _Garbage):
            ended_by = -await child.end(gently=True)
            if ended_by == signal.SIGKILL:
                raise _Killed("too_big") from None
            raise _Failed(_DIED_OF.get(ended_by, "unreadable")) from None
        except BaseException:
            child.kill()
            raise
        return self._result(child, answer, len(raw))

    def _result(self, child: "_Child", answer: bytes, size: int) -> bytes:
        code = answer.removeprefix(CODE).decode("ascii", "replace") if answer.startswith(CODE) else None
        if size < _LARGE_BYTES and code in (None, "unreadable"):
            self._keep(child)
        else:
            self._dismiss(child)
        if code == "unreadable":
            raise Unreadable(code)
        if code:
            raise _Failed(code)
        return answer

    def _take(self) -> "_Child | None":
        while self._idle:
            child, expiry = self._idle.popitem()
            expiry.cancel()
            if child.lives:
                return child
        return None

    def _keep(self, child: "_Child") -> None:
        if self._closed:
            self._dismiss(child)
        else:
            self._idle[child] = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._dismiss, child)

    def _dismiss(self, child: "_Child") -> None:
        if expiry := self._idle.pop(child, None):
            expiry.cancel()
        ending = asyncio.create_task(child.end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


def _parsed(adapter: TypeAdapter[T], answer: bytes) -> T:
    try:
        return adapter.validate_json(answer[1:])
    except ValidationError:
        raise _Failed("unreadable") from None


class _Failed(Exception):
    """A process could not read a mail; `code` as that of Unreadable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Killed(_Failed):
    """A process was killed, and not by us."""


class _Garbage(Exception):
    """What a process said is no answer."""


class _Child:
    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, memory_bytes: int, step_seconds: float) -> "_Child":
        """A process that is ready to read. Raises OSError, TimeoutError where none can be started."""
        for _ in range(_TRIES_TO_START):
            with suppress(asyncio.IncompleteReadError, ConnectionError, _Garbage):
                return await cls._start(memory_bytes, step_seconds)
        raise OSError("the process that reads mails does not start")

    @classmethod
    async def _start(cls, memory_bytes: int, step_seconds: float) -> "_Child":
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-m", "activities.mail.reader_child", str(memory_bytes), str(step_seconds)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={},
        )
        child = cls(process)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await child._answer()
        except BaseException:
            child.kill()
            raise
        return child

    @property
    def lives(self) -> bool:
        return self._process.returncode is None

    async def ask(self, raw: bytes, terms: Terms) -> bytes:
        """Raises IncompleteReadError, ConnectionError or _Garbage where the process ends or says something else."""
        requests = self._process.stdin
        assert requests is not None  # noqa: S101
        told = TERMS.dump_json(terms)
        requests.write(LENGTH.pack(len(told)) + told)
        view = memoryview(raw)
        for at in range(0, len(raw), _CHUNK_BYTES):
            requests.write(view[at : at + _CHUNK_BYTES])
            await requests.drain()
        await requests.drain()
        return await self._answer()

    async def _answer(self) -> bytes:
        answers = self._process.stdout
        assert answers is not None  # noqa: S101
        (length,) = LENGTH.unpack(await answers.readexactly(LENGTH.size))
        if length > _LONGEST_ANSWER:
            raise _Garbage
        return await answers.readexactly(length)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self, *, gently: bool = False) -> int:
        """Ends the process, which is not killed where it is ending already (`gently`); returns what it ended with."""
        if gently:
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    return await self._process.wait()
        self.kill()
        return await self._process.wait()
