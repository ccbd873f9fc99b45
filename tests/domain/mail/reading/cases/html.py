"""Mails in HTML: what is safe to show, and what it says."""

from tests.domain.mail.reading.letters import letter, plain


def html(written: str) -> bytes:
    return plain(written, kind="text/html; charset=utf-8")


CASES = [
    letter(
        "scripts and handlers",
        html('<p onclick="x()">Hi<script>alert(1)</script></p><a href="javascript:x()">go</a>'),
        html='<p>Hi</p><a rel="noopener noreferrer nofollow">go</a>',
        text="Hi\n\ngo",
    ),
    letter(
        "pictures of another host",
        html('<p>Hi</p><img src="https://spy.example/p.gif?id=1" width="1">'),
        html='<p>Hi</p><img data-remote-src="https://spy.example/p.gif?id=1" width="1">',
        remote_images=True,
    ),
    letter(
        "backgrounds, fonts and frames of another host",
        html(
            '<style>@import url(https://spy.example/a.css)</style><link rel=stylesheet href="https://spy.example/b.css">'
            '<table background="https://spy.example/c.png"><tr>'
            '<td style="background:url(https://spy.example/d.png);color:red">Hi</td></tr></table>'
            '<iframe src="https://spy.example/"></iframe><video poster="https://spy.example/e.png">'
            '</video><img srcset="https://spy.example/f.png 2x">'
        ),
        html='<table><tbody><tr><td style="color:red">Hi</td></tr></tbody></table><img>',
        remote_images=False,
    ),
    letter(
        "a picture in its own address",
        html('<img src="data:image/png;base64,AAAA"><img src="data:text/html,x">'),
        html='<img src="data:image/png;base64,AAAA"><img>',
    ),
    letter(
        "a form",
        html('<form action="https://thief.example/"><input name="pin"><button>Send</button></form>'),
        html="Send",
        is_form=True,
    ),
    letter("no form", html("<p>Hi</p>"), is_form=False),
    letter(
        "links",
        html(
            '<a href="https://thief.example/x">https://bank.example</a> <a href="mailto:a@b.example">write</a>'
            ' <a href="/local">no</a>'
        ),
        links=["https://thief.example/x", "mailto:a@b.example"],
    ),
    letter(
        "what lies over the page",
        html('<div style="position:fixed;top:0;display:none;font-size:12px">Hi</div>'),
        html='<div style="font-size:12px">Hi</div>',
    ),
    letter(
        "a page with a title",
        html("<html><head><title>No words</title></head><body><p>Hi</p></body></html>"),
        html="<p>Hi</p>",
        text="Hi",
    ),
    letter(
        "comments of Outlook",
        html("<!--[if mso]><p>Old</p><![endif]--><p class=MsoNormal>Hi<o:p></o:p></p>"),
        html="<p>Hi</p>",
        text="Hi",
    ),
    letter("lists", html("<ul><li>one</li><li>two</li></ul>"), text="  * one\n  * two"),
    letter(
        "a table", html("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>"), text="a  b\nc  d"
    ),
    letter("tags that do not close", html("<p>one<p>two<b>three"), text="one\n\ntwothree"),
    letter("angle brackets in text", plain("if a < b & c > d"), text="if a < b & c > d", html=None),
    letter(
        "HTML from right to left",
        html('<div dir="rtl">مرحبا <b>بكم</b></div>'),
        text="مرحبا بكم",
        html='<div dir="rtl">مرحبا <b>بكم</b></div>',
    ),
    letter("entities", html("<p>5&nbsp;&euro; &lt;ok&gt; &#x1F600;</p>"), text="5 € <ok> 😀"),
    letter(
        "an encoding declared in the HTML", plain('<meta charset="utf-8"><p>Déjà</p>', kind="text/html"), text="Déjà"
    ),
    letter("nested beyond reason", html("<div>" * 2_000 + "deep"), html=None, cut=("html",)),
    letter(
        "a quote in HTML alone", html("<div>Yes</div><blockquote type=cite>Is it?</blockquote>"), text="Yes\n> Is it?"
    ),
]
