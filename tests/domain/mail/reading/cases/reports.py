"""What eight servers say of mails that did not arrive, in their own ways."""

from tests.domain.mail.reading.letters import joined, letter, part, plain, typed

RETURNED = """
    From: support@acme.example
    To: ada@example.com
    Subject: Question
    Message-ID: <ours@acme.example>
    """


def report(
    words: str,
    status: str,
    returned: str = RETURNED,
    *,
    returned_as: str = "message/rfc822",
    more: str = "",
    sender: str = "",
) -> bytes:
    """A report by RFC 3464."""
    body = joined(part(words), part(status, "message/delivery-status"), part(returned, returned_as))
    raw = plain(
        body,
        kind='multipart/report; report-type=delivery-status; boundary="b1"',
        subject="Undelivered Mail Returned to Sender",
        more=f"Return-Path: <>\nAuto-Submitted: auto-replied{more}",
    )
    return raw.replace(
        b"Ada Byron <ada@example.com>", (sender or "Mail Delivery System <MAILER-DAEMON@mx.example.com>").encode()
    )


def free(words: str, sender: str, more: str) -> bytes:
    """What servers write that do not keep to the RFC."""
    return plain(typed(words), subject="failure notice", more=more).replace(
        b"Ada Byron <ada@example.com>", sender.encode()
    )


QMAIL = """
    Hi. This is the qmail-send program at mx.example.com.
    I'm afraid I wasn't able to deliver your message to the following addresses.
    This is a permanent error; I've given up. Sorry it didn't work out.

    <ada@example.com>:
    192.0.2.1 does not like recipient.
    Remote host said: 550 5.1.1 <ada@example.com>: user unknown
    Giving up on 192.0.2.1.

    <ben@example.com>:
    Sorry, no mailbox here by that name. (#5.1.1)

    --- Below this line is a copy of the message.

    Return-Path: <support@acme.example>
    From: support@acme.example
    Message-ID: <ours@acme.example>
    Subject: Question

    Hello
    """

EXIM = """
    This message was created automatically by mail delivery software.

    A message that you sent could not be delivered to one or more of its
    recipients. This is a permanent error. The following address(es) failed:

      ada@example.com
        host mx.example.com [192.0.2.1]
        SMTP error from remote mail server after RCPT TO:<ada@example.com>:
        550 5.1.1 User unknown

    ------ This is a copy of the message, including all the headers. ------

    Return-path: <support@acme.example>
    From: support@acme.example
    Message-ID: <ours@acme.example>

    Hello
    """

CASES = [
    letter(
        "Postfix: nobody there",
        report(
            """
            This is the mail system at host mx.example.com.

            <ada@example.com>: host mail.example.com[192.0.2.1] said: 550 5.1.1 User unknown
            """,
            """
            Reporting-MTA: dns; mx.example.com
            X-Postfix-Queue-ID: 4ABCDE
            Arrival-Date: Fri, 27 Nov 2026 16:12:00 +0000 (UTC)

            Final-Recipient: rfc822; ada@example.com
            Original-Recipient: rfc822;ada@example.com
            Action: failed
            Status: 5.1.1
            Remote-MTA: dns; mail.example.com
            Diagnostic-Code: smtp; 550 5.1.1 <ada@example.com>: Recipient address rejected:
                User unknown
            """,
        ),
        reports=["ada@example.com failed 5.1.1"],
        report_of="<ours@acme.example>",
        return_path="",
    ),
    letter(
        "Postfix: it takes longer",
        report(
            "####################\n# THIS IS A WARNING ONLY. #",
            """
            Reporting-MTA: dns; mx.example.com

            Final-Recipient: rfc822; ada@example.com
            Action: delayed
            Status: 4.4.1
            Diagnostic-Code: X-Postfix; connect to mail.example.com: Connection timed out
            Will-Retry-Until: Wed, 2 Dec 2026 16:12:00 +0000
            """,
            returned_as="text/rfc822-headers",
        ),
        reports=["ada@example.com delayed 4.4.1"],
        report_of="<ours@acme.example>",
    ),
    letter(
        "Exim, by the RFC",
        report(
            "This message was created automatically by mail delivery software.",
            """
            Reporting-MTA: dns; mx.example.com

            Action: failed
            Final-Recipient: rfc822;ada@example.com
            Status: 5.0.0
            Remote-MTA: dns; mail.example.com
            Diagnostic-Code: smtp; 550-5.1.1 No such user
            """,
            more="\nX-Failed-Recipients: ada@example.com",
        ),
        reports=["ada@example.com failed 5.1.1"],
    ),
    letter(
        "Exim of old",
        free(
            EXIM,
            "Mail Delivery System <Mailer-Daemon@mx.example.com>",
            "X-Failed-Recipients: ada@example.com\nAuto-Submitted: auto-replied",
        ),
        reports=["ada@example.com failed 5.1.1"],
        report_of="<ours@acme.example>",
    ),
    letter(
        "qmail",
        free(QMAIL, "MAILER-DAEMON@mx.example.com", "Return-Path: <>"),
        reports=["ada@example.com failed 5.1.1", "ben@example.com failed 5.1.1"],
        report_of="<ours@acme.example>",
    ),
    letter(
        "Sendmail",
        report(
            """
               ----- The following addresses had permanent fatal errors -----
            <ada@example.com>
                (reason: 552 5.2.2 Mailbox full)
            """,
            """
            Reporting-MTA: dns; mx.example.com
            Received-From-MTA: DNS; acme.example
            Arrival-Date: Fri, 27 Nov 2026 16:12:00 +0000

            Final-Recipient: RFC822; ada@example.com
            Action: failed
            Status: 5.2.2
            Diagnostic-Code: SMTP; 552 5.2.2 Mailbox full
            Last-Attempt-Date: Fri, 27 Nov 2026 16:12:01 +0000
            """,
        ),
        reports=["ada@example.com failed 5.2.2"],
    ),
    letter(
        "Microsoft 365",
        report(
            "Your message to ada@example.com couldn't be delivered.",
            """
            Reporting-MTA: dns;AM0PR01.eurprd01.prod.outlook.com
            Received-From-MTA: dns;acme.example
            Arrival-Date: Fri, 27 Nov 2026 16:12:00 +0000

            Final-Recipient: rfc822;ada@example.com
            Action: failed
            Status: 5.1.10
            Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ada@example.com not found
            X-Display-Name: Ada Byron
            """,
            sender="postmaster@example.onmicrosoft.com",
        ),
        reports=["ada@example.com failed 5.1.10"],
        report_of="<ours@acme.example>",
    ),
    letter(
        "Google",
        report(
            "** Address not found **\n\nYour message wasn't delivered to ada@example.com.",
            """
            Reporting-MTA: dns; googlemail.com
            Arrival-Date: Fri, 27 Nov 2026 08:12:00 -0800 (PST)
            X-Original-Message-ID: <ours@acme.example>

            Final-Recipient: rfc822; ada@example.com
            Action: failed
            Status: 5.1.1
            Remote-MTA: dns; mail.example.com. (192.0.2.1, the server for the domain.)
            Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
             550 5.1.1 Please try double-checking.
            """,
            sender="Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        ),
        reports=["ada@example.com failed 5.1.1"],
    ),
    letter(
        "Amazon SES",
        report(
            "An error occurred while trying to deliver the mail to the following recipients:\nada@example.com",
            """
            Reporting-MTA: dns; a1-2.smtp-out.amazonses.com

            Action: failed
            Final-Recipient: rfc822; ada@example.com
            Diagnostic-Code: smtp; 550 5.7.1 Message rejected as spam
            Status: 5.7.1
            """,
        ),
        reports=["ada@example.com failed 5.7.1"],
    ),
    letter(
        "Courier, of several recipients",
        report(
            "DELAYED MAIL",
            """
            Reporting-MTA: dns; mx.example.com

            Final-Recipient: rfc822; ada@example.com
            Action: failed
            Status: 5.0.0

            Final-Recipient: rfc822; ben@example.com
            Action: delivered
            Status: 2.0.0

            Final-Recipient: rfc822; cyd@example.com
            Action: expanded
            Status: 2.0.0
            """,
        ),
        reports=["ada@example.com failed 5.0.0", "ben@example.com delivered 2.0.0", "cyd@example.com expanded 2.0.0"],
    ),
    letter(
        "of an address that forwards: told by that to which we wrote",
        report(
            "Sorry",
            """
            Reporting-MTA: dns; mx.example.com

            Original-Recipient: rfc822; ada@example.com
            Final-Recipient: rfc822; ada@elsewhere.example
            Action: failed
            Status: 5.1.1
            """,
        ),
        reports=["ada@example.com failed 5.1.1"],
    ),
    letter(
        "a report that is no multipart/report",
        plain(
            joined(
                part("Sorry"),
                part(
                    "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 5.1.1",
                    "message/delivery-status",
                ),
            ),
            kind='multipart/mixed; boundary="b1"',
            more="Return-Path: <>",
        ),
        reports=["ada@example.com failed 5.1.1"],
        report_of=None,
    ),
    letter(
        "a report that somebody has attached",
        plain(
            joined(
                part("I got this"),
                part(
                    "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 5.1.1",
                    "message/delivery-status",
                ),
            ),
            kind='multipart/mixed; boundary="b1"',
            more="Return-Path: <ada@example.com>",
        ),
        reports=[],
    ),
    letter(
        "somebody who writes of qmail",
        plain(typed(QMAIL), more="Return-Path: <ada@example.com>"),
        reports=[],
        report_of=None,
    ),
    letter(
        "that a mail was read (MDN)",
        plain(
            joined(
                part("It was read"),
                part(
                    "Final-Recipient: rfc822; ada@example.com\nDisposition: manual-action/MDN-sent-manually; displayed",
                    "message/disposition-notification",
                ),
            ),
            kind='multipart/report; report-type=disposition-notification; boundary="b1"',
        ),
        reports=[],
        text="It was read",
    ),
    letter(
        "a complaint (ARF)",
        plain(
            joined(
                part("It is spam"),
                part("Feedback-Type: abuse\nUser-Agent: x/1", "message/feedback-report"),
                part(RETURNED, "message/rfc822"),
            ),
            kind='multipart/report; report-type=feedback-report; boundary="b1"',
        ),
        reports=[],
        report_of=None,
    ),
    letter(
        "a report of nonsense",
        report(
            "Sorry",
            "Reporting-MTA\n\nFinal-Recipient: nobody\nAction: failed\n\n"
            "Action: exploded\nFinal-Recipient: rfc822; a@b.example",
        ),
        reports=[],
    ),
    letter(
        "a report with a status of words",
        report(
            "Sorry",
            "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ada@example.com\nAction: failed (for good)\n"
            "Status: no idea\nDiagnostic-Code: smtp; 550 user unknown",
        ),
        reports=["ada@example.com failed 5.0.0"],
    ),
]
