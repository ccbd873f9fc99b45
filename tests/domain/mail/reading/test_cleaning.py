"""Nothing of a mail's HTML runs, asks another host for anything, or pretends to be part of the page around it."""

import pytest
from lxml import html as markup

from domain.mail.reading.cleaning import REMOTE_SOURCE, cleaned

HOSTILE = [
    "<script>spy()</script><SCRIPT SRC=https://spy.example/x.js></SCRIPT>",
    '<img src=x onerror="spy()"><img/src="x"/onerror=spy()>',
    "<svg onload=spy()><script>spy()</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=spy()&gt;'>",
    '<a href="javascript:spy()">a</a><a href=" java\nscript:spy()">b</a><a href="data:text/html,<script>">c</a>',
    '<a href="vbscript:spy()">a</a><a href="//spy.example/">b</a><a href="file:///etc/passwd">c</a>',
    '<iframe src="https://spy.example/"></iframe><object data="https://spy.example/"></object><embed src="https://spy.example/">',
    '<link rel=stylesheet href="https://spy.example/"><style>@import "https://spy.example/"</style><base href="https://spy.example/">',
    '<meta http-equiv=refresh content="0;url=https://spy.example/">',
    '<p style="background:url(https://spy.example/)">a</p><p style="background-image:url(\'https://spy.example/\')">b</p>',
    '<p style="color:url(https://spy.example/)">a</p><p style="list-style:url(https://spy.example/)">b</p>',
    '<p style="position:fixed;inset:0;z-index:9999;opacity:0;content:url(https://spy.example/)">a</p>',
    '<img src="https://spy.example/a.png" srcset="https://spy.example/b.png 2x"><img lowsrc="https://spy.example/">',
    '<img alt=\'" src="https://spy.example/\' src="https://spy.example/">',
    "<p title='<img src=\"https://spy.example/\">'>a</p>",
    f'<img {REMOTE_SOURCE}="javascript:spy()" src="cid:a">',
    '<table background="https://spy.example/"><td background="https://spy.example/">a</td></table>',
    '<video src="https://spy.example/" poster="https://spy.example/"></video><audio src="https://spy.example/"></audio>',
    '<form action="https://spy.example/"><input type=image src="https://spy.example/"><button formaction="https://spy.example/">a</button></form>',
    '<img src="data:image/svg+xml;base64,PHN2Zz4="><img src="data:text/html,spy">',
    '<noscript><p title="</noscript><img src=x onerror=spy()>">a</p></noscript>',
    "<template><script>spy()</script></template><xmp><script>spy()</script></xmp>",
    "<!--><script>spy()</script>--><![CDATA[<script>spy()</script>]]>",
    '<div id="main" class="menu" name="x">a</div>',
    "<\x00script>spy()</script><scr\x00ipt>spy()</scr\x00ipt>",
]
LOADS = {"src", "srcset", "poster", "background", "data", "action", "formaction", "lowsrc", "href"}


@pytest.mark.parametrize("written", HOSTILE)
def test_what_is_shown_does_no_harm(written: str) -> None:
    safe = cleaned(f"<p>before</p>{written}<p>after</p>")
    for element in markup.fromstring(f"<div>{safe.html}</div>").iter():
        assert element.tag not in {
            "script",
            "style",
            "iframe",
            "object",
            "form",
            "input",
            "button",
            "link",
            "meta",
            "svg",
        }
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name not in {"id", "class", "name"}
            if name == "style":
                assert not any(word in value for word in ("url(", "position", "opacity", "z-index"))
            elif name == REMOTE_SOURCE:
                assert value.startswith("https://")
            elif name in LOADS:
                assert value.startswith(("cid:", "data:image/png") if element.tag == "img" else ("http", "mailto:"))


def test_pictures_of_another_host_are_kept_for_who_wants_to_see_them() -> None:
    safe = cleaned('<img src="HTTPS://host.example/a.png?b=1&amp;c=2"><img src="cid:one%40x"><img src="cid:two@x">')
    assert safe.remote_images
    assert safe.html == (
        f'<img {REMOTE_SOURCE}="HTTPS://host.example/a.png?b=1&amp;c=2"><img src="cid:one%40x"><img src="cid:two@x">'
    )
    assert safe.shown == {"one@x", "two@x"}
