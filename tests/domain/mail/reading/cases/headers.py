"""Mails whose header is odd, broken or not there."""

from datetime import UTC, datetime

from tests.domain.mail.reading.letters import ARRIVED, letter, plain, typed


def with_header(lines: str) -> bytes:
    return typed(lines) + b"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n"


CASES = [
    letter(
        "as it should be",
        plain(
            "Hello",
            more="Cc: Ben <ben@example.com>, cyd@example.com\nReferences: <a@x> <b@x>\nIn-Reply-To: <b@x>\n"
            "Reply-To: Desk <desk@example.com>\nReturn-Path: <bounce@example.com>",
        ),
        sender="Ada Byron <ada@example.com>",
        to=["<support@acme.example>"],
        cc=["Ben <ben@example.com>", "<cyd@example.com>"],
        reply_to=["Desk <desk@example.com>"],
        subject="Question",
        message_id="<one@example.com>",
        references=("<a@x>", "<b@x>"),
        in_reply_to=("<b@x>",),
        return_path="bounce@example.com",
        sent_at=datetime(2026, 11, 28, 9, tzinfo=UTC),
        text="Hello",
        cut=(),
    ),
    letter("no From", with_header("Subject: Hi"), sender=None, text="Hello"),
    letter("an empty From", with_header("From: \nSubject: Hi"), sender=None),
    letter("From without an address", with_header("From: Ada Byron"), sender=None),
    letter("no Message-ID", with_header("From: a@b.example"), message_id=None),
    letter("a Message-ID without brackets", with_header("Message-ID: abc@x"), message_id="<abc@x>"),
    letter("a Message-ID broken in two", with_header("Message-ID:\n <abc\n @x>"), message_id="<abc@x>"),
    letter("an empty return path", with_header("Return-Path: <>\nFrom: a@b.example"), return_path=""),
    letter("no return path", with_header("From: a@b.example"), return_path=None),
    letter("a subject of many lines", with_header("Subject: " + "word " * 300), subject=("word " * 300)[:998]),
    letter("no subject", with_header("From: a@b.example"), subject=""),
    letter("a date to come", with_header("Date: Sat, 28 Nov 2099 10:00:00 +0000"), sent_at=ARRIVED),
    letter("a date that is none", with_header("Date: yesterday"), sent_at=None),
    letter(
        "a date without a zone",
        with_header("Date: 28 Nov 2026 10:00:00"),
        sent_at=datetime(2026, 11, 28, 10, tzinfo=UTC),
    ),
    letter("a date out of range", with_header("Date: Mon, 99 Nov 99999 10:00:00 +9999"), sent_at=None),
    letter("encoded words", with_header("Subject: =?utf-8?q?D=C3=A9j=C3=A0?= =?utf-8?q?_vu?="), subject="Déjà vu"),
    letter(
        "encoded words of old charsets",
        with_header("Subject: =?ISO-8859-1?Q?Gr=FC=DFe?= =?windows-1256?B?x+HT4cfj?="),
        subject="Grüßeالسلام",
    ),
    letter(
        "a character cut in two by encoded words",
        with_header("Subject: =?utf-8?B?w6nDqcM=?=\n =?utf-8?B?qcOp?="),
        subject="éééé",
    ),
    letter(
        "encoded words with blanks in them",
        with_header("Subject: =?utf-8?Q?Caf=C3=A9 au lait?="),
        subject="Café au lait",
    ),
    letter(
        "encoded words with question marks in them",
        with_header("Subject: =?utf-8?Q?O=C3=B9 est-ce ??="),
        subject="Où est-ce ?",
    ),
    letter("encoded words without padding", with_header("Subject: =?utf-8?B?Q2Fmw6k?="), subject="Café"),
    letter("an encoded word in words", with_header("Subject: a=?utf-8?Q?=C3=A9?=b"), subject="aéb"),
    letter("an encoded word of an unknown charset", with_header("Subject: =?x-ours?Q?Caf=C3=A9?="), subject="Café"),
    letter("an encoded word that lies", with_header("Subject: =?us-ascii?Q?Caf=C3=A9?="), subject="Café"),
    letter("an encoded word with a language", with_header("Subject: =?utf-8*fr?Q?Caf=C3=A9?="), subject="Café"),
    letter(
        "an encoded word that does not end", with_header("Subject: =?utf-8?Q?Caf=C3=A9"), subject="=?utf-8?Q?Caf=C3=A9"
    ),
    letter(
        "a line end in an encoded word", with_header("Subject: =?utf-8?Q?one=0D=0ABcc:_x@y?="), subject="one Bcc: x@y"
    ),
    letter("bytes that are not encoded", with_header("Subject: Déjà vu"), subject="Déjà vu"),
    letter("bytes that are not UTF-8", b"Subject: D\xe9j\xe0 vu, d\xe9sol\xe9\r\n\r\nHello", subject="Déjà vu, désolé"),
    letter(
        "a name of encoded words with a comma",
        with_header("From: =?utf-8?Q?Byron=2C_Ad=C3=A8?= <ada@example.com>"),
        sender="Byron, Adè <ada@example.com>",
    ),
    letter(
        "encoded words in quotes",
        with_header('From: "=?utf-8?Q?Ad=C3=A8?=" <ada@example.com>'),
        sender="Adè <ada@example.com>",
    ),
    letter(
        "an address as a name",
        with_header("From: boss@bank.example <thief@example.com>"),
        sender="boss@bank.example <thief@example.com>",
    ),
    letter(
        "an address in an encoded word",
        with_header("From: =?utf-8?Q?boss=40bank.example=20?=@example.com"),
        sender="<=?utf-8?q?boss=40bank.example=20?=@example.com>",
    ),
    letter("an address in quotes", with_header('From: "boss@bank.example"@example.com'), sender=None),
    letter("an address that is none", with_header("From: Ada <ada at example>"), sender=None),
    letter(
        "a name in a comment",
        with_header("From: ada@example.com (Ada (the first) Byron)"),
        sender="Ada (the first) Byron <ada@example.com>",
    ),
    letter("an address in capitals", with_header("From: ADA@Example.COM"), sender="<ada@example.com>"),
    letter(
        "a route in an address",
        with_header("From: Ada <@relay.example:ada@example.com>"),
        sender="Ada <ada@example.com>",
    ),
    letter(
        "a group",
        with_header("From: a@b.example\nTo: Friends: Ben <ben@example.com>, cyd@example.com;"),
        to=["Ben <ben@example.com>", "<cyd@example.com>"],
    ),
    letter("nobody named", with_header("To: undisclosed-recipients:;"), to=[]),
    letter(
        "semicolons between addresses, as Outlook writes",
        with_header("To: ben@example.com; cyd@example.com"),
        to=["<ben@example.com>", "<cyd@example.com>"],
    ),
    letter(
        "several To",
        with_header("To: ben@example.com\nTo: cyd@example.com"),
        to=["<ben@example.com>", "<cyd@example.com>"],
    ),
    letter("folded fields", with_header("Subject: one\n two\n\tthree"), subject="one two three"),
    letter(
        "a field broken without being folded",
        with_header("Subject: one\ntwo three\nFrom: a@b.example"),
        subject="one two three",
        sender="<a@b.example>",
    ),
    letter(
        "no blank line below the header",
        b"From: a@b.example\nSubject: Hi\nHello, it is me.\nAda\n",
        text="Hello, it is me.\nAda",
        subject="Hi",
    ),
    letter("only a header", b"From: a@b.example\r\nSubject: Hi\r\n", text="", subject="Hi"),
    letter(
        "a line of a mailbox file on top",
        b"From ada Sat Nov 28 10:00:00 2026\nFrom: a@b.example\nSubject: Hi\n\nHello",
        subject="Hi",
        text="Hello",
    ),
    letter("line feeds alone", b"From: a@b.example\nSubject: Hi\n\nHello\n", subject="Hi", text="Hello"),
    letter(
        "a blank before the colon",
        b"Subject : Hi\r\nFrom : a@b.example\r\n\r\nHello",
        subject="Hi",
        sender="<a@b.example>",
    ),
    letter(
        "field names in capitals",
        b"SUBJECT: Hi\r\nFROM: a@b.example\r\n\r\nHello",
        subject="Hi",
        sender="<a@b.example>",
    ),
    letter("NULs in the header", b"Subject: H\x00i\r\n\r\nHello", subject="Hi"),
    letter(
        "Arabic",
        with_header("From: =?utf-8?B?2YTZitmE2Yk=?= <layla@example.com>\nSubject: طلب جديد"),
        sender="ليلى <layla@example.com>",
        subject="طلب جديد",
    ),
    letter(
        "a server's words that look encoded",
        with_header(
            "Authentication-Results: mx.acme.example; spf=pass smtp.mailfrom==?utf-8?q?a=3B_dmarc=3Dpass?=@x.example"
        ),
        headers=(
            (
                "Authentication-Results",
                "mx.acme.example; spf=pass smtp.mailfrom==?utf-8?q?a=3B_dmarc=3Dpass?=@x.example",
            ),
            ("Content-Type", "text/plain; charset=utf-8"),
        ),
    ),
    letter(
        "a header of more than 256 KB",
        b"Subject: Hi\r\n" + b"X-Much: " + b"m" * 300_000 + b"\r\nFrom: a@b.example\r\n\r\nHello",
        subject="Hi",
        sender="<a@b.example>",
        text="Hello",
        cut=("headers",),
    ),
]
