"""Mails of several parts: which of them are the text, which are files, and what is too much."""

from tests.domain.mail.reading.letters import file, joined, letter, nested, part, plain, several, typed

PICTURE = b"\x89PNG\r\n\x1a\n"
INNER = typed(
    """
    From: Cyd <cyd@example.com>
    Subject: The inner one
    Date: Fri, 27 Nov 2026 08:00:00 +0000

    Words of the inner one.
    """
)
CALENDAR = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR"


def deep(levels: int) -> bytes:
    inside = part("At the bottom")
    for level in range(levels):
        inside = nested("mixed", inside, boundary=f"level{level}")
    return several(part("At the top"), inside, boundary="outermost")


CASES = [
    letter(
        "text and HTML",
        several(part("Hello"), part("<p>Hello <b>you</b></p>", "text/html; charset=utf-8"), kind="alternative"),
        text="Hello",
        html="<p>Hello <b>you</b></p>",
        files=[],
    ),
    letter(
        "a blank text beside HTML",
        several(part(" \n\n"), part("<p>Hello</p>", "text/html"), kind="alternative"),
        text="Hello",
    ),
    letter(
        "HTML alone", plain("<p>One</p><p>Two<br>Three</p>", kind="text/html; charset=utf-8"), text="One\n\nTwo\nThree"
    ),
    letter("a text and a file", several(part("See below"), file("quote.pdf")), text="See below", files=["quote.pdf"]),
    letter(
        "a file alone",
        plain("JVBERi0xLjc=", kind='application/pdf; name="a.pdf"', encoding="base64"),
        text="",
        files=["a.pdf"],
    ),
    letter(
        "text, picture, text, as Apple writes",
        several(
            part("Before"), file("photo.png", PICTURE, "image/png").replace(b"attachment", b"inline"), part("After")
        ),
        text="Before\n\nAfter",
        files=["photo.png"],
    ),
    letter(
        "a text that is attached",
        several(
            part("See below"), part("notes", "text/plain", 'Content-Disposition: attachment; filename="notes.txt"')
        ),
        text="See below",
        files=["notes.txt"],
    ),
    letter(
        "a text with a name, not said to be attached",
        several(part("See below"), part("a;b", 'text/plain; name="list.txt"')),
        text="See below",
        files=["list.txt"],
    ),
    letter(
        "pictures in the HTML",
        several(
            part('<p>Look: <img src="cid:p1@x" alt="it"></p>', "text/html"),
            file("shown.png", PICTURE, "image/png", "Content-ID: <p1@x>"),
            file("other.png", PICTURE, "image/png", "Content-ID: <p2@x>"),
            kind="related",
        ),
        text="Look:",
        html='<p>Look: <img src="cid:p1@x" alt="it"></p>',
        files=["shown.png (shown)", "other.png"],
    ),
    letter(
        "alternatives, one of them with pictures",
        several(
            part("Hello"),
            nested(
                "related",
                part('<img src="cid:p1">', "text/html"),
                file("p.png", PICTURE, "image/png", "Content-ID: <p1>"),
            ),
            kind="alternative",
        ),
        text="Hello",
        files=["p.png (shown)"],
    ),
    letter(
        "an invitation",
        several(
            part("Shall we meet?"),
            part("<p>Shall we meet?</p>", "text/html"),
            part(CALENDAR, "text/calendar; method=REQUEST"),
            kind="alternative",
        ),
        text="Shall we meet?",
        files=["part-3.ics"],
    ),
    letter("an invitation alone", plain(CALENDAR, kind="text/calendar; method=REQUEST"), text="", files=["part-1.ics"]),
    letter(
        "winmail.dat",
        several(part("Hello"), file("winmail.dat", b"\x78\x9f\x3e\x22", "application/ms-tnef")),
        text="Hello",
        files=["winmail.dat (refused as winmail_dat)"],
    ),
    letter(
        "winmail.dat that says nothing of its type",
        several(part("Hello"), file("WINMAIL.DAT", b"\x78\x9f\x3e\x22", "application/octet-stream")),
        files=["WINMAIL.DAT (refused as winmail_dat)"],
    ),
    letter(
        "signed by S/MIME",
        several(part("Signed words"), file("smime.p7s", b"0\x82", "application/pkcs7-signature"), kind="signed"),
        text="Signed words",
        files=["smime.p7s"],
    ),
    letter(
        "wrapped by S/MIME",
        plain("MIIB", kind='application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"', encoding="base64"),
        text="",
        files=["smime.p7m"],
    ),
    letter(
        "signed by PGP",
        several(
            part("Signed words"),
            part("-----BEGIN PGP SIGNATURE-----", "application/pgp-signature; name=signature.asc"),
            kind="signed",
        ),
        text="Signed words",
        files=["signature.asc"],
    ),
    letter(
        "encrypted by PGP",
        several(
            part("Version: 1", "application/pgp-encrypted"),
            part("-----BEGIN PGP MESSAGE-----", 'application/octet-stream; name="encrypted.asc"'),
            kind="encrypted",
        ),
        text="",
        files=["part-1.txt", "encrypted.asc"],
    ),
    letter(
        "more than twenty files",
        several(part("Many"), *(file(f"{n}.pdf") for n in range(22))),
        files=[*(f"{n}.pdf" for n in range(20)), "20.pdf (refused as too_many)", "21.pdf (refused as too_many)"],
    ),
    letter(
        "a file that is damaged",
        several(part("Hello"), file("a.pdf").replace(b"JVBERi0xLjc=", b"JVBE*i0x")),
        files=["a.pdf (refused as damaged)"],
    ),
    letter("no last boundary", several(part("Hello"), file("a.pdf"))[:-6], text="Hello", files=["a.pdf"]),
    letter(
        "words before the first part and below the last",
        plain(b"For old readers\r\n" + joined(part("Hello")) + b"Below", kind='multipart/mixed; boundary="b1"'),
        text="Hello",
    ),
    letter("no boundary named", plain("Hello", kind="multipart/mixed"), text="Hello"),
    letter("a boundary that is nowhere", plain("Hello", kind='multipart/mixed; boundary="b9"'), text="Hello"),
    letter("an empty multipart", plain("--b1--", kind='multipart/mixed; boundary="b1"'), files=[]),
    letter(
        "blanks behind boundaries",
        several(part("Hello"), part("you")).replace(b"--b1\r\n", b"--b1 \t\r\n"),
        text="Hello\n\nyou",
    ),
    letter(
        "a boundary that begins another", several(part("Hello\n--b12\nyou"), boundary="b1"), text="Hello\n--b12\nyou"
    ),
    letter(
        "the same boundary inside",
        several(nested("alternative", part("Hello"), boundary="b1"), boundary="b1"),
        text="Hello",
    ),
    letter("a part without a header", several(b"\r\nHello"), text="Hello"),
    letter("a type that is none", plain("Hello", kind="text"), text="Hello"),
    letter("a type in capitals", plain("Hello", kind="TEXT/PLAIN; CHARSET=UTF-8"), text="Hello"),
    letter(
        "a list's words below",
        several(part("Hello"), part("To leave the list, write to us.")),
        text="Hello\n\nTo leave the list, write to us.",
    ),
    letter("fifty levels", deep(48), text="At the top\n\nAt the bottom", cut=()),
    letter("more than fifty levels", deep(60), text="At the top", cut=("levels",)),
    letter(
        "more than five hundred parts",
        several(*(part("x") for _ in range(510))),
        cut=("parts",),
        text="\n\n".join("x" * 500),
    ),
    letter("more than a megabyte of text", plain(b"a" * 1_200_000), text="a" * 1_048_576, cut=("text",)),
    letter(
        "a mail that is attached",
        several(part("See the mail below"), part(INNER, "message/rfc822")),
        text="See the mail below",
        files=["part-2.eml"],
        forwarded=None,
    ),
    letter(
        "uuencoded",
        several(
            part("See below"),
            part(
                "begin 644 a.txt\n#86)C\n`\nend",
                'application/octet-stream; name="a.txt"',
                "Content-Transfer-Encoding: x-uuencode",
            ),
        ),
        files=["a.txt"],
    ),
]

NAMES = [
    letter(
        kind,
        several(part("See below"), part("x", "application/pdf", f"Content-Disposition: attachment; {written}")),
        files=[name],
    )
    for kind, written, name in (
        ("a name by RFC 2231", "filename*=UTF-8''pi%C3%A8ce%20n%C2%B01.pdf", "pièce n°1.pdf"),
        ("a name by RFC 2231 in pieces", "filename*0*=UTF-8''pi%C3%A8; filename*1=\"ce.pdf\"", "pièce.pdf"),
        ("a name in pieces out of order", 'filename*1="b.pdf"; filename*0="a"', "ab.pdf"),
        ("a name twice, the better one taken", "filename=\"piece.pdf\"; filename*=UTF-8''pi%C3%A8ce.pdf", "pièce.pdf"),
        ("a name by RFC 2231 without a charset", "filename*=pi%C3%A8ce.pdf", "pièce.pdf"),
        ("a name by RFC 2231 in a charset that lies", "filename*=us-ascii''pi%C3%A8ce.pdf", "pièce.pdf"),
        ("a name by RFC 2231 with broken percents", "filename*=UTF-8''50%25%ZZ%.pdf", "50%%ZZ%.pdf"),
        ("a name of encoded words", 'filename="=?utf-8?Q?pi=C3=A8ce.pdf?="', "pièce.pdf"),
        ("a name in Latin-1", "filename*=ISO-8859-1'fr'%E9t%E9.pdf", "été.pdf"),
        ("an Arabic name", "filename*=UTF-8''%D9%81%D8%A7%D8%AA%D9%88%D8%B1%D8%A9.pdf", "فاتورة.pdf"),
        ("a name with blanks that is not in quotes", "filename=my new file.pdf", "my new file.pdf"),
        ("a name whose quotes do not end", 'filename="file.pdf', "file.pdf"),
        ("a name with quotes in it", r'filename="a \"b\".pdf"', 'a "b".pdf'),
        ("a name that is a path", r'filename="C:\\Users\\ada\\..\\a.pdf"', "a.pdf"),
        ("a name that leads elsewhere", 'filename="../../etc/passwd"', "passwd"),
        ("a name that turns its direction", "filename*=UTF-8''exe%E2%80%AEfdp.pdf", "exefdp.pdf"),
        ("a name of dots", 'filename="..."', "part-2.pdf"),
        ("a name of more than 255 characters", f'filename="{"a" * 300}.pdf"', "a" * 251 + ".pdf"),
        ("a type with the name", "x=y", "part-2.pdf"),
    )
]
CASES += NAMES
