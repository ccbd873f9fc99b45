"""What of the HTML of a mail is safe to show."""

import html as markup
import re
from dataclasses import dataclass
from urllib.parse import unquote

import nh3

from domain.mail.reading.charsets import as_text
from domain.mail.reading.excess import refuse_excess

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
_MAY_LOAD = re.compile(r"url|image|expression|[\\@]", re.IGNORECASE)
LINK_TARGET = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_PICTURE = re.compile(r"(?:https?://|cid:|data:image/(?:png|jpeg|gif|webp);base64,)", re.IGNORECASE)


def _attribute(tag: str, name: str, value: str) -> str | None:
    value_starts = value.lstrip()
    if name == "href":
        return value if tag == "a" and LINK_TARGET.match(value_starts) else None
    if name == "src":
        return value_starts if tag == "img" and _PICTURE.match(value_starts) else None
    if name == "style":
        return ";".join(declared for declared in value.split(";") if not _MAY_LOAD.search(declared))
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


@dataclass(frozen=True)
class SafeHtml:
    """`shown` are the Content-IDs of the pictures that stand in the text."""

    html: str
    remote_images: bool
    shown: frozenset[str]


def cleaned(html: str) -> SafeHtml:
    """The HTML without script, forms and what another host would be asked for: its pictures have their address in
    `data-remote-src`. Raises Excess."""
    refuse_excess(html)
    clean = _CLEANER.clean(html)
    remote = False

    def kept(found: re.Match[str]) -> str:
        nonlocal remote
        image, changed = _REMOTE.subn(rf' {REMOTE_SOURCE}="\1', found[0])
        remote = remote or bool(changed)
        return image

    safe = as_text(_IMAGE.sub(kept, clean)).strip()
    return SafeHtml(safe, remote, frozenset(unquote(markup.unescape(one)) for one in _SHOWN.findall(safe)))
