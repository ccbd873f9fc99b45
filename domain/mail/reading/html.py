"""The HTML of a mail: what of it is safe to show, what it says as text, and where its links lead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import nh3
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import etree
from lxml import html as markup

from domain.mail.reading.charsets import as_text
from domain.mail.reading.content import Link

MOST_LINKS = 200
DEEPEST = 1_000
_LONGEST_TARGET = 2_000
_LONGEST_LINK_TEXT = 300

REMOTE_SOURCE = "data-remote-src"
"""Where a picture's address is kept that is not loaded before somebody wants to see it."""

_TAGS = (
    "a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del details div dl dt em "
    "figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q s samp section "
    "small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
_WITH_CONTENT = (
    "script style title head noscript template iframe object embed applet svg math audio video canvas select textarea "
    "noembed noframes xmp plaintext"
)
_ATTRIBUTES = {
    "*": {"align", "bgcolor", "color", "dir", "height", "lang", "style", "title", "valign", "width"},
    "a": {"href"},
    "blockquote": {"type"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"face", "size"},
    "img": {"alt", "src"},
    "li": {"value"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan", "nowrap"},
    "th": {"colspan", "rowspan", "nowrap"},
    "ul": {"type"},
}
# None that can load anything, lie over the page around it, or hide what is said.
_STYLES = (
    "background-color border border-bottom border-collapse border-color border-left border-right border-spacing "
    "border-style border-top border-width color direction font-family font-size font-style font-variant font-weight "
    "height line-height list-style-type margin margin-bottom margin-left margin-right margin-top max-width "
    "padding padding-bottom padding-left padding-right padding-top text-align text-decoration text-indent "
    "text-transform unicode-bidi vertical-align white-space width word-break word-wrap"
)
_LINK_TARGET = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_PICTURE = re.compile(r"(?:https?://|cid:|data:image/(?:png|jpeg|gif|webp);base64,)", re.IGNORECASE)


def _attribute(tag: str, name: str, value: str) -> str | None:
    value_starts = value.lstrip()
    if name == "href":
        return value if tag == "a" and _LINK_TARGET.match(value_starts) else None
    if name == "src":
        return value_starts if tag == "img" and _PICTURE.match(value_starts) else None
    return value


_CLEANER = nh3.Cleaner(
    tags=set(_TAGS.split()),
    clean_content_tags=set(_WITH_CONTENT.split()),
    attributes=_ATTRIBUTES,
    attribute_filter=_attribute,
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
    url_relative="deny",
    filter_style_properties=set(_STYLES.split()),
)

# nh3 writes every attribute in double quotes, and "<" as a reference wherever it opens no tag.
_IMAGE = re.compile(r'<img(?: [a-z-]+="[^"]*")*>')
_REMOTE = re.compile(r' src="(https?:)', re.IGNORECASE)
_SHOWN = re.compile(r' src="cid:([^"]*)"', re.IGNORECASE)
_OPENS_OR_CLOSES = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")
_CLOSED_BY_ITSELF = (
    "area base br col embed hr img input link meta param source track wbr p li td th tr tbody thead tfoot dd dt option "
    "optgroup colgroup body html head"
)
_NEVER_DEEP = frozenset(_CLOSED_BY_ITSELF.split())


class TooDeep(Exception):
    """HTML that is nested so deeply that only a program can have made it, and that takes forever to clean."""


@dataclass(frozen=True)
class SafeHtml:
    """`shown` are the Content-IDs of the pictures that stand in the text."""

    html: str
    remote_images: bool
    shown: frozenset[str]


def cleaned(html: str) -> SafeHtml:
    """The HTML without script, forms and what another host would be asked for: its pictures have their address in
    `data-remote-src`. Raises TooDeep."""
    check_depth(html)
    clean = _CLEANER.clean(html)
    remote = False

    def kept(found: re.Match[str]) -> str:
        nonlocal remote
        image, changed = _REMOTE.subn(rf' {REMOTE_SOURCE}="\1', found[0])
        remote = remote or bool(changed)
        return image

    safe = as_text(_IMAGE.sub(kept, clean)).strip()
    return SafeHtml(safe, remote, frozenset(_SHOWN.findall(safe)))


def check_depth(html: str) -> None:
    depth = 0
    for found in _OPENS_OR_CLOSES.finditer(html):
        if found[2].lower() in _NEVER_DEEP:
            continue
        depth = max(depth - 1, 0) if found[1] else depth + 1
        if depth > DEEPEST:
            raise TooDeep


class Page:
    """HTML as a tree, for what is read out of it. Never fails: what cannot be parsed is an empty page."""

    def __init__(self, html: str) -> None:
        self._tree = _tree(html)

    def has_form(self) -> bool:
        """Whether somebody is asked to type something in."""
        return self._tree is not None and next(self._tree.iter("form", "input", "textarea", "select"), None) is not None

    def links(self) -> tuple[Link, ...]:
        return () if self._tree is None else tuple(dict.fromkeys(_links(self._tree)))

    def text(self) -> str:
        """What is read, with `> ` before what the mail quotes, as text mails have it."""
        if self._tree is None:
            return ""
        _mark_quotes(self._tree)
        return _with_quote_signs(Inscriptis(self._tree, _AS_TEXT).get_text())

    def bare_text(self) -> str:
        """All words without any layout: for what `text` takes too long for."""
        if self._tree is None:
            return ""
        return "\n".join(word for one in self._tree.itertext() if (word := one.strip()))


_AS_TEXT = ParserConfig(css=CSS_PROFILES["strict"], display_links=False, display_images=False)
_QUOTE_BEGINS, _QUOTE_ENDS = "\ue0f0", "\ue0f1"


def _tree(html: str) -> markup.HtmlElement | None:
    html = as_text(html).replace(_QUOTE_BEGINS, "").replace(_QUOTE_ENDS, "")
    if not html.strip():
        return None
    try:
        tree = markup.document_fromstring(
            html.encode(), parser=markup.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
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
        if _LINK_TARGET.match(target):
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
