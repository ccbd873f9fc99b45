"""Forms as they come back: proven to be ours, with what was typed, and with the key by which they count once."""

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from uuid_utils.compat import uuid7

from web.http.places import within
from web.http.visits import Visit

TOKEN, KEY, PAGE, WHO = "_token", "_key", "_page", "_who"
"""What every form carries beside its words: the proof that it is ours, the key by which it counts once, the page that
it stands on, and whose words they are."""
FILES, NAMES = "file_ids", "file_names"
_MASK_BYTES = 16


@dataclass
class Form:
    """What a page's form shows: the words in it, the key of its command, and what is wrong with them. A field that may
    be given several times is a list in `lists`; `files` are those that came with it, `names` what those are called that
    came before, by their ids, `who` whose words they say to be."""

    values: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    key: str = field(default_factory=lambda: str(uuid7()))
    files: list[UploadFile] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    who: str = ""
    ours: bool = True

    def given(self, *names: str) -> dict[str, str]:
        """Those of the fields in which something stands."""
        return {name: self.values[name] for name in names if self.values.get(name, "") != ""}

    def with_new_key(self) -> "Form":
        """The same words, to be sent as another command."""
        return Form(self.values, self.lists, self.errors, names=self.names)


def token_for(visit: Visit) -> str:
    """What proves that a form is from one of our pages in this session, masked anew each time (BREACH)."""
    mask = secrets.token_bytes(_MASK_BYTES)
    proof = _proof(visit)
    return base64.urlsafe_b64encode(mask + bytes(a ^ b for a, b in zip(proof, mask, strict=True))).decode()


def _proof(visit: Visit) -> bytes:
    return bytes.fromhex(visit.services.tokens.fingerprint(f"form/{visit.bound_to}".encode()))[:_MASK_BYTES]


def _proven(visit: Visit, token: str) -> bool:
    try:
        said = base64.urlsafe_b64decode(token.encode())
    except ValueError:
        return False
    if len(said) != 2 * _MASK_BYTES:
        return False
    mask, masked = said[:_MASK_BYTES], said[_MASK_BYTES:]
    return hmac.compare_digest(bytes(a ^ b for a, b in zip(mask, masked, strict=True)), _proof(visit))


def from_our_pages(request: Request) -> bool:
    """Whether the browser says that the request comes from a page of ours (Fetch Metadata), or, where it is too old to
    say, that our own address is its origin."""
    if (site := request.headers.get("sec-fetch-site")) is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


async def posted(visit: Visit) -> Form:
    """The form that was sent. One that nobody proves to be ours is not `ours`: it is shown again, and nothing done."""
    data: FormData = await visit.request.form(max_files=10, max_fields=500)
    ours = from_our_pages(visit.request) and _proven(visit, str(data.get(TOKEN, "")))
    texts: dict[str, list[str]] = {}
    files = []
    for name, value in data.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.append(value)
        elif name not in (TOKEN, PAGE, WHO):
            # What a browser sends of a text is ended by CRLF, what the API takes by LF.
            texts.setdefault(name, []).append(value.replace("\r\n", "\n"))
    key = next(iter(texts.pop(KEY, [])), "") or str(uuid7())
    visit.request.state.page = within(str(data.get(PAGE, "/")))
    names = dict(zip(texts.get(FILES, ()), texts.pop(NAMES, ()), strict=False))
    values = {name: all_of[0] for name, all_of in texts.items()}
    return Form(values, texts, key=key, files=files, names=names, who=str(data.get(WHO, "")), ours=ours)


def id_in(text: str) -> UUID | None:
    """The id that an address or a form names; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def draft_of(path: str) -> str:
    """By what name the draft of the form that is posted to a path is kept."""
    return path.removeprefix("/")
