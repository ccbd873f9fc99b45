"""One file out of a multipart/form-data request (RFC 7578), read as it arrives and never held."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from api.http.problems import Problem, field_error

FIELD = "file"
OVERHEAD_BYTES = 64 * 1024
"""What a request may be longer than its file: boundaries and the part's headers."""

# Browsers write these characters of a name like this (WHATWG HTML, multipart/form-data), and HTTP clients all controls.
_ESCAPED = re.compile(r"%(?:[01][0-9A-Fa-f]|22|7[Ff])")
_PARAMETER = re.compile(r';\s*([A-Za-z]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_QUOTED_PAIR = re.compile(r'\\(["\\])')


@dataclass(frozen=True)
class PartBegins:
    """A part of a form, by its headers, of which the names are in lower case."""

    headers: dict[bytes, bytes]


class PartEnds:
    """The end of a part."""


Event = bytes | PartBegins | PartEnds
"""What a form is made of, in order: each part begins, has bytes, and ends."""


class FilePart:
    """The part named `file`: its `name` as it was sent, and its bytes."""

    def __init__(self, name: str, events: AsyncGenerator[Event, None], max_bytes: int) -> None:
        self.name = name
        self._events = events
        self._max_bytes = max_bytes

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes as they arrive; to be read once. Raises Problem 413 as soon as they are too many, 400 when the
        request breaks off, 408 when it takes too long, 422 when there is more in it than the one file."""
        received = 0
        async with aclosing(self._events) as events:
            async for event in events:
                if isinstance(event, PartBegins):
                    raise field_error(_field_name(event), "unknown_field", f"Send one field, named {FIELD}.")
                if isinstance(event, bytes):
                    received += len(event)
                    if received > self._max_bytes:
                        raise too_large(self._max_bytes)
                    yield event


async def file_part(request: Request, *, max_bytes: int, within_seconds: float) -> FilePart:
    """The file of the request, once its headers are there; its bytes are still to come.

    Raises Problem: 413 when more is announced than is allowed, 415 when it is no form, 400 when it is malformed, 408
    when it takes too long, 422 when there is no file in it or anything before it.
    """
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > max_bytes + OVERHEAD_BYTES:
        raise too_large(max_bytes)
    deadline = asyncio.get_running_loop().time() + within_seconds
    events = _events(request, max_bytes, deadline)
    first = await anext(events, None)
    if not isinstance(first, PartBegins):
        raise field_error(FIELD, "missing", f"Send the file as a field named {FIELD}.")
    if (field := _field_name(first)) != FIELD:
        raise field_error(field, "unknown_field", f"Send one field, named {FIELD}.")
    return FilePart(_file_name(first), events, max_bytes)


def too_large(max_bytes: int) -> Problem:
    """413: the file is larger than the limit."""
    sentence = f"A file may have at most {max_bytes} bytes."
    errors = [{"field": FIELD, "code": "file_too_large", "detail": sentence}]
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "file_too_large", sentence, errors=errors)


async def _events(request: Request, max_bytes: int, deadline: float) -> AsyncGenerator[Event, None]:
    reading = Reading(boundary_of(request))
    received = 0
    async with aclosing(_received(request, deadline)) as chunks:
        async for chunk in chunks:
            received += len(chunk)
            if received > max_bytes + OVERHEAD_BYTES:
                raise too_large(max_bytes)
            for event in reading.feed(chunk):
                yield event
    if not reading.ended:
        raise _malformed()


async def _received(request: Request, deadline: float) -> AsyncGenerator[bytes, None]:
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                chunk = await anext(stream, None)
        except TimeoutError:
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, "upload_too_slow", "The upload took too long.") from None
        except ClientDisconnect:
            raise Problem(HTTPStatus.BAD_REQUEST, "upload_cut_short", "The upload broke off.") from None
        if chunk is None:
            return
        yield chunk


class Reading:
    """The parser of a form with this boundary, whose callbacks become events. Raises Problem 400."""

    def __init__(self, boundary: bytes) -> None:
        self.ended = False
        self._events: list[Event] = []
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._headers.clear,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": lambda: self._events.append(PartBegins(dict(self._headers))),
                    "on_part_data": lambda data, start, end: self._events.append(data[start:end]),
                    "on_part_end": lambda: self._events.append(PartEnds()),
                    "on_end": self._on_end,
                },
            )
        except FormParserError:
            raise _malformed() from None

    def feed(self, chunk: bytes) -> list[Event]:
        """What became known by these bytes. Raises Problem 400."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise _malformed() from None
        events, self._events = self._events, []
        return events

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _on_end(self) -> None:
        self.ended = True


def boundary_of(request: Request) -> bytes:
    """What the parts of the request's form are told apart by. Raises Problem 415 when it is no form, 400."""
    media_type, options = parse_options_header(request.headers.get("content-type"))
    if media_type != b"multipart/form-data":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "multipart_expected", "Send the file as multipart/form-data.")
    if not options.get(b"boundary"):
        raise _malformed()
    return options[b"boundary"]


def _field_name(part: PartBegins) -> str:
    return disposition_of(part).get("name", "")


def _file_name(part: PartBegins) -> str:
    name = disposition_of(part).get("filename")
    if name is None:
        raise field_error(FIELD, "file_name_refused", "A file needs a name.")
    return name


def disposition_of(part: PartBegins) -> dict[str, str]:
    """The parameters of Content-Disposition. Not by `parse_options_header`, which cuts a path off a name: here it must
    be seen to be refused. RFC 7578 4.2 forbids `filename*`."""
    try:
        header = part.headers.get(b"content-disposition", b"").decode()
    except UnicodeDecodeError:
        raise field_error(FIELD, "file_name_refused", "A file's name is sent as UTF-8.") from None
    return {name.lower(): _plain(value) for name, value in reversed(_PARAMETER.findall(header))}


def _plain(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = _QUOTED_PAIR.sub(r"\1", value[1:-1])
    return _ESCAPED.sub(lambda escaped: unquote(escaped[0]), value.strip())


def _malformed() -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "multipart_malformed", "The body is not a complete multipart form.")
