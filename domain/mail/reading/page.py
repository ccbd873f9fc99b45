"""What the HTML of a mail says as text, where its links lead, and whether it asks for something."""

import html as entities
import re
from collections.abc import Iterator

from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import etree
from lxml import html as markup

from domain.mail.reading.charsets import as_text
from domain.mail.reading.cleaning import LINK_TARGET
from domain.mail.reading.content import Link

MOST_LINKS = 200
_LONGEST_TARGET = 2_000
_LONGEST_LINK_TEXT = 300

_FORM = re.compile(r"<(?:form|input|textarea|select)\b", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z!?][a-zA-Z0-9-]*)[^<>]*>?")
_NO_WORDS = frozenset({"script", "style", "title"})


def has_form(html: str) -> bool:
    """Whether somebody is asked to type something in."""
    return _FORM.search(html) is not None


def bare_words(html: str) -> str:
    """All words without any layout: for what no library reads in time."""
    words = []
    at, silent = 0, ""
    for tag in _TAG.finditer(html):
        if not silent:
            words.append(html[at : tag.start()])
        name = tag[2].lower()
        if name in _NO_WORDS and not (silent and silent != name):
            silent = "" if tag[1] else name
        at = tag.end()
    if not silent:
        words.append(html[at:])
    return as_text("\n".join(line for one in words if (line := entities.unescape(one).strip())))


class Page:
    """HTML as a tree, for what is read out of it. Never fails: what cannot be parsed is an empty page."""

    def __init__(self, html: str) -> None:
        self._tree = _tree(html)

    def links(self) -> tuple[Link, ...]:
        return () if self._tree is None else tuple(dict.fromkeys(_links(self._tree)))

    def text(self) -> str:
        """What is read, with `> ` before what the mail quotes, as text mails have it."""
        if self._tree is None:
            return ""
        _mark_quotes(self._tree)
        return _with_quote_signs(Inscriptis(self._tree, _AS_TEXT).get_text())


_AS_TEXT = ParserConfig(css=CSS_PROFILES["strict"], display_links=False, display_images=False)
_QUOTE_BEGINS, _QUOTE_ENDS = "\ue0f0", "\ue0f1"


def _tree(html: str) -> markup.HtmlElement | None:
    html = as_text(html).replace(_QUOTE_BEGINS, "").replace(_QUOTE_ENDS, "")
    if not html.strip():
        return None
    try:
        tree = markup.document_fromstring(
            html.encode(),
            parser=markup.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True),
        )
    except (etree.LxmlError, ValueError):
        return None
    etree.strip_elements(tree, "script", "style", "title", "template", with_tail=False)
    return tree


def _links(tree: markup.HtmlElement) -> Iterator[Link]:
    for count, anchor in enumerate(tree.iter("a", "area")):
        if count == MOST_LINKS:
            return
        target = (anchor.get("href") or "").strip()
        if LINK_TARGET.match(target):
            text = " ".join("".join(anchor.itertext()).split())
            yield Link(as_text(text)[:_LONGEST_LINK_TEXT], as_text(target)[:_LONGEST_TARGET])


def _mark_quotes(tree: markup.HtmlElement) -> None:
    for quote in list(tree.iter("blockquote")):
        for place, sign in ((0, _QUOTE_BEGINS), (len(quote) + 1, _QUOTE_ENDS)):
            mark = markup.Element("div")
            mark.text = sign
            if place == 0:
                mark.tail, quote.text = quote.text, None
            quote.insert(place, mark)


def _with_quote_signs(text: str) -> str:
    depth = 0
    lines = []
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped in (_QUOTE_BEGINS, _QUOTE_ENDS):
            depth += 1 if stripped == _QUOTE_BEGINS else -1
        else:
            line = line.replace(_QUOTE_BEGINS, "").replace(_QUOTE_ENDS, "")
            lines.append(f"{'>' * depth} {stripped}".rstrip() if depth > 0 else line.rstrip())
    return "\n".join(lines)
