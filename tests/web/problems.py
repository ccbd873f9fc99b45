"""Every code that a refusal can have, read out of the code that raises them; makes docs/errors.md and its page."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import get_args

from pydantic_core.core_schema import ErrorType

from api.http.problems import status_of
from api.http.routes.docs import STATIC
from domain.people.password_policy import Failing
from web.http.refusal_words import PLAINER, WORDS

ROOT = Path(__file__).parents[2]
LIST, PAGE = ROOT / "docs" / "errors.md", STATIC / "errors.html"

_ROOMS = ("domain", "api", "stores", "activities", "workflows", "web")
_CODE_AT = {"Refusal": 0, "conflict": 0, "Problem": 1, "field_error": 1}
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_ELSEWHERE = {
    ("domain", "files"): HTTPStatus.UNPROCESSABLE_ENTITY,
    ("api", "files"): HTTPStatus.UNPROCESSABLE_ENTITY,
    ("stores", "files"): HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Where refusals are answered with another status than those of cases."""
_BESIDES = {
    "file_type_refused": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "customer_suspended": HTTPStatus.FORBIDDEN,
    "customer_inactive": HTTPStatus.FORBIDDEN,
    **dict.fromkeys(("quote_declined", "quote_expired", "quote_superseded"), HTTPStatus.GONE),
}
"""With which status routes answer that look at what the refusal is about."""
_MOST_SENTENCES = 3
_NOT_ALLOWED = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)


@dataclass
class Code:
    """What is known of a code: with which statuses it comes, and what is said with it."""

    name: str
    statuses: set[int] = field(default_factory=set)
    sentences: list[str] = field(default_factory=list)

    @property
    def meaning(self) -> str:
        """What the API says with it; where that is put together elsewhere, what pages say."""
        said = list(dict.fromkeys(self.sentences))
        return " ".join(said[:_MOST_SENTENCES]) + (" …" if len(said) > _MOST_SENTENCES else "") or (
            PLAINER | WORDS
        ).get(self.name, "")


def nodes(*rooms: str) -> Iterator[tuple[Path, ast.AST]]:
    """All the code of some rooms, with the file that it is in."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield from ((path.relative_to(ROOT), node) for node in ast.walk(ast.parse(path.read_text())))


def text(node: ast.AST | None) -> str:
    """What a piece of code says as a text; dots stand for what it puts in."""
    match node:
        case ast.Constant(value=str(said)):
            return said
        case ast.JoinedStr(values=parts):
            return "".join(text(part) or "…" for part in parts)
    return ""


@cache
def codes() -> dict[str, Code]:
    """Every code of a refusal that the code names, by its name."""
    found: defaultdict[str, Code] = defaultdict(lambda: Code(""))
    for path, node in nodes(*_ROOMS):
        for name, status, sentence in _named(path, node):
            known = found[name]
            known.name = name
            known.statuses |= {each for each in (status, _BESIDES.get(name)) if each}
            known.sentences += [sentence] if sentence.endswith(".") else []
    for failing in Failing:
        found[failing.value] = Code(failing.value, {HTTPStatus.UNPROCESSABLE_ENTITY}, [failing.sentence])
    for gone in _NOT_ALLOWED:
        code = found[gone.name.lower()]
        code.name, code.statuses = gone.name.lower(), code.statuses | {gone}
    return dict(sorted(found.items()))


def of_fields() -> dict[str, str]:
    """What pydantic finds wrong with a field, by its code."""
    words = PLAINER | WORDS
    return {code: words[code] for code in sorted(get_args(ErrorType)) if code in words and code not in codes()}


def _named(path: Path, node: ast.AST) -> Iterator[tuple[str, int | None, str]]:
    """The codes that a piece of code can answer, each with its status and sentence: of what it raises, and of the
    tables that some of it raises from, which hold a code beside its sentence."""
    if isinstance(node, ast.Call):
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        place = _CODE_AT.get(called)
        if place is not None and len(node.args) > place and (code := text(node.args[place])):
            sentence = text(node.args[place + 1]) if len(node.args) > place + 1 else ""
            yield code, _status(path, called, node, code), sentence
    kept = [*node.values] if isinstance(node, ast.Dict) else [getattr(node, "value", None)]
    for each in kept:
        if isinstance(each, ast.Tuple) and len(each.elts) == 2:
            code, why = map(text, each.elts)
            if _CODE.fullmatch(code) and why.endswith("."):
                yield code, status_of(code), why


def _status(path: Path, called: str, node: ast.Call, code: str) -> int | None:
    if called == "field_error":
        return HTTPStatus.UNPROCESSABLE_ENTITY
    if called == "Problem":
        return HTTPStatus.__members__.get(getattr(node.args[0], "attr", ""))
    return _ELSEWHERE.get(path.parts[:2], status_of(code)) if called == "Refusal" else status_of(code)


_ABOUT = (
    "Every refusal of the API is a problem document (RFC 9457). Its `code` is stable and meant for programs, its"
    " `detail` a sentence for people that may change, and its `type` leads here. `…` stands for what a sentence tells"
    " in particular."
)
_ABOUT_FIELDS = (
    "In `errors`, which names what is wrong with each field of a request, there are these as well as those above. Most"
    " are Pydantic's."
)


def as_list() -> str:
    """docs/errors.md."""
    rows = [f"| `{each.name}` | {_statuses(each)} | {each.meaning} |" for each in codes().values()]
    fields = [f"| `{code}` | {meaning} |" for code, meaning in of_fields().items()]
    return "\n".join(
        [
            "# Problems",
            "",
            f"{_ABOUT} Made by `make errors`.",
            "",
            "| code | status | meaning |",
            "| --- | --- | --- |",
            *rows,
            "",
            "## Codes of fields",
            "",
            _ABOUT_FIELDS,
            "",
            "| code | meaning |",
            "| --- | --- |",
            *fields,
            "",
        ]
    )


def as_page() -> str:
    """The page to which the `type` of a problem leads."""
    rows = [
        f'<tr id="{each.name}"><td><code>{each.name}</code><td>{_statuses(each)}<td>{escape(each.meaning)}'
        for each in codes().values()
    ]
    fields = [f'<tr id="{code}"><td><code>{code}</code><td><td>{escape(said)}' for code, said in of_fields().items()]
    return "\n".join([_HEAD, f"<p>{_html(_ABOUT)}", "<table>", *rows, "</table>", *_fields(fields), ""])


def _fields(rows: Iterable[str]) -> list[str]:
    return ["<h2>Codes of fields</h2>", f"<p>{_html(_ABOUT_FIELDS)}", "<table>", *rows, "</table>"]


_HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Casewright: problems</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
td { border-top: 1px solid #ddd; padding: .25rem .75rem .25rem 0; vertical-align: top }
tr:target { background: #fff3bf }
</style>
<h1>Problems</h1>"""


def _html(words: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words))


def _statuses(code: Code) -> str:
    return ", ".join(str(int(status)) for status in sorted(code.statuses)) or str(int(HTTPStatus.CONFLICT))


def main() -> None:
    """Writes both."""
    LIST.write_text(as_list())
    PAGE.write_text(as_page())
    print(f"{len(codes())} codes")


if __name__ == "__main__":
    main()
