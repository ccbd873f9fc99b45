"""What the words of a mail are as text and as HTML, before anything is trimmed."""

from dataclasses import dataclass

from domain.mail.reading.body import MOST_BYTES, Body, Words, plain_as_html
from domain.mail.reading.content import Link
from domain.mail.reading.html import Page, SafeHtml, cleaned
from domain.mail.reading.limits import Limit, tried


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
    pages = {number: Page(words.html) for number, words in enumerate(body.words) if words.html.strip()}
    texts = [
        words.plain.strip("\n") if words.plain.strip() else _page_text(pages[number], limit, plain=plain)
        for number, words in enumerate(body.words)
    ]
    html = None if plain or not pages else tried(lambda: cleaned(_whole(body.words)), limit)
    return Texts(
        text="\n\n".join(text for text in texts if text.strip())[:MOST_BYTES].rstrip(),
        html=html,
        links=tuple(dict.fromkeys(link for page in pages.values() for link in page.links())),
        has_form=any(page.has_form() for page in pages.values()),
        html_cut=bool(pages) and html is None,
    )


def _page_text(page: Page, limit: Limit, *, plain: bool) -> str:
    laid_out = None if plain else tried(page.text, limit)
    return page.bare_text() if laid_out is None else laid_out.strip("\n")


def _whole(words: tuple[Words, ...]) -> str:
    return "\n".join(one.html if one.html.strip() else plain_as_html(one.plain) for one in words)
