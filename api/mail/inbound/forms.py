"""Forms that providers send, read as they arrive: what is small stays in memory, the rest lies on the disk."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import QuerystringParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from api.files.multipart import PartBegins, PartEnds, Reading, boundary_of, disposition_of
from api.http.problems import Problem

MOST_BYTES = 55 * 1024 * 1024
"""Of a whole request."""
MOST_FIELDS = 1_000

_IN_MEMORY = 64 * 1024
_CHUNK = 256 * 1024
_LONGEST_TEXT = 1024 * 1024
_MULTIPART, _URLENCODED = b"multipart/form-data", b"application/x-www-form-urlencoded"


class Field:
    """A field of a form: its bytes, and what the form says of them."""

    def __init__(self, name: str, file_name: str | None = None, content_type: str | None = None) -> None:
        self.name, self.file_name, self.content_type = name, file_name, content_type
        self.size = 0
        self._file: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  its form closes it

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.size += len(data)

    def chunks(self, size: int = _CHUNK) -> Iterator[bytes]:
        """The bytes, from the first; each chunk but the last has this size."""
        self._file.seek(0)
        while chunk := self._file.read(size):
            yield chunk

    @property
    def text(self) -> str:
        """The beginning of it as text; a megabyte is more than any field has that is read like this."""
        self._file.seek(0)
        return self._file.read(_LONGEST_TEXT).decode("utf-8", "replace")

    def close(self) -> None:
        self._file.close()


class Form:
    """The fields of a form in their order; of those with one name the first counts."""

    def __init__(self) -> None:
        self.fields: list[Field] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for field in self.fields:
            field.close()

    def begin(self, field: Field) -> None:
        """Adds a field, whose bytes are still to come. Raises Problem 413."""
        if len(self.fields) >= MOST_FIELDS:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_many_fields", "The form has too many fields.")
        self.fields.append(field)

    def write(self, data: bytes) -> None:
        """Adds to the bytes of the last field."""
        self.fields[-1].write(data)

    def get(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    def text(self, name: str) -> str:
        """What a field says; nothing where there is none."""
        field = self.get(name)
        return field.text if field else ""

    def json(self, name: str) -> Any:
        """What a field says in JSON; None where there is none, or what cannot be read."""
        try:
            return json.loads(self.text(name))
        except (ValueError, RecursionError):
            return None

    def object(self, name: str) -> dict[str, Any]:
        """What a field says as a JSON object; an empty one where it says anything else."""
        found = self.json(name)
        return found if isinstance(found, dict) else {}


@asynccontextmanager
async def form_of(request: Request, seen: Callable[[bytes], None], *, within_seconds: float) -> AsyncIterator[Form]:
    """The request's form; `seen` is told its bytes as they came. What lies on the disk is gone after the block.

    Raises Problem: 413 for more than `MOST_BYTES`, 415 for what is no form, 400 for one that is malformed or breaks
    off, 408 when it takes too long.
    """
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MOST_BYTES:
        raise _too_large()
    with Form() as form:
        reader = _reader(request, form)
        received = 0
        async with asyncio.timeout(within_seconds) as limit:
            try:
                async for chunk in request.stream():
                    received += len(chunk)
                    if received > MOST_BYTES:
                        raise _too_large()
                    seen(chunk)
                    reader.feed(chunk)
            except ClientDisconnect:
                raise Problem(HTTPStatus.BAD_REQUEST, "upload_cut_short", "The upload broke off.") from None
            except TimeoutError:
                if not limit.expired():
                    raise
                raise Problem(HTTPStatus.REQUEST_TIMEOUT, "upload_too_slow", "The upload took too long.") from None
        reader.end()
        yield form


def _reader(request: Request, form: Form) -> "_Multipart | _Urlencoded":
    media_type, _ = parse_options_header(request.headers.get("content-type"))
    if media_type == _MULTIPART:
        return _Multipart(boundary_of(request), form)
    if media_type == _URLENCODED:
        return _Urlencoded(form)
    raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "form_expected", "Send a form, multipart or urlencoded.")


class _Multipart:
    def __init__(self, boundary: bytes, form: Form) -> None:
        self._reading, self._form = Reading(boundary), form

    def feed(self, chunk: bytes) -> None:
        for event in self._reading.feed(chunk):
            if isinstance(event, PartBegins):
                said = disposition_of(event)
                media_type = event.headers.get(b"content-type", b"").decode("ascii", "replace") or None
                self._form.begin(Field(said.get("name", ""), said.get("filename"), media_type))
            elif not isinstance(event, PartEnds):
                self._form.write(event)

    def end(self) -> None:
        if not self._reading.ended:
            raise _malformed()


class _Urlencoded:
    """Names and values are decoded as they come: an escape may be cut in two."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._name, self._rest = b"", b""
        self._begun = False
        self._parser = QuerystringParser(
            {
                "on_field_start": self._on_start,
                "on_field_name": self._on_name,
                "on_field_data": self._on_data,
                "on_field_end": self._on_end,
            }
        )

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise _malformed() from None

    def end(self) -> None:
        self._parser.finalize()

    def _on_start(self) -> None:
        self._name, self._rest, self._begun = b"", b"", False

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]
        if len(self._name) > _IN_MEMORY:
            raise _malformed()

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._begin()
        text = self._rest + data[start:end]
        escape = text.rfind(b"%", max(0, len(text) - 2))
        text, self._rest = (text[:escape], text[escape:]) if escape >= 0 else (text, b"")
        self._form.write(_decoded(text))

    def _on_end(self) -> None:
        self._begin()
        self._form.write(_decoded(self._rest))

    def _begin(self) -> None:
        if not self._begun:
            self._form.begin(Field(_decoded(self._name).decode("utf-8", "replace")))
            self._begun = True


def _decoded(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def _too_large() -> Problem:
    sentence = f"A mail may come with at most {MOST_BYTES} bytes."
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", sentence)


def _malformed() -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "form_malformed", "The body is not a complete form.")
