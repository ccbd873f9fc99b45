"""What the words of a mail are as text and as HTML, before anything is trimmed."""

from dataclasses import dataclass
from functools import partial

from domain.mail.reading.body import MOST_BYTES, Body, Words, plain_as_html
from domain.mail.reading.cleaning import SafeHtml, cleaned
from domain.mail.reading.content import Link
from domain.mail.reading.excess import refuse_excess
from domain.mail.reading.limits import Limit, tried
from domain.mail.reading.page import Page, bare_words, has_form


@dataclass(frozen=True)
class Texts:
    """`html` is None where the mail has none, and where it could not be cleaned (`html_cut`)."""

    text: str
    html: SafeHtml | None
    links: tuple[Link, ...]
    has_form: bool
    html_cut: bool


def texts_of(body: Body, *, limit: Limit, plain: bool) -> Texts:
    """`plain` has no HTML cleaned, and words made of HTML without its layout."""
    texts: list[str] = []
    links: list[Link] = []
    for words in body.words:
        page = None if plain or not words.html.strip() else tried(partial(_page, words.html), limit)
        texts.append(words.plain.strip("\n") if words.plain.strip() else _page_text(words.html, page, limit))
        links += page.links() if page else ()
    pages = [words.html for words in body.words if words.html.strip()]
    html = None if plain or not pages else tried(lambda: cleaned(_whole(body.words)), limit)
    return Texts(
        text="\n\n".join(text for text in texts if text.strip())[:MOST_BYTES].rstrip(),
        html=html,
        links=tuple(dict.fromkeys(links)),
        has_form=any(has_form(page) for page in pages),
        html_cut=bool(pages) and html is None,
    )


def _page(html: str) -> Page:
    refuse_excess(html)
    return Page(html)


def _page_text(html: str, page: Page | None, limit: Limit) -> str:
    laid_out = tried(page.text, limit) if page else None
    return bare_words(html) if laid_out is None else laid_out.strip("\n")


def _whole(words: tuple[Words, ...]) -> str:
    return "\n".join(one.html if one.html.strip() else plain_as_html(one.plain) for one in words)
