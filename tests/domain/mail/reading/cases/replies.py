"""Answers as the usual programs write them: what is new, and what only repeats."""

from tests.domain.mail.reading.letters import letter, part, plain, reply, several
from tests.domain.mail.reading.trimming import trimmed, untouched

WROTE = "On Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:"

GMAIL = """
    Yes, please send it again.

    On Fri, Nov 27, 2026 at 4:12 PM Acme Support <support@acme.example> wrote:

    > ##- Please type your reply above this line -##
    >
    > Shall we send it again?
    """


CASES = [
    trimmed("Gmail", GMAIL),
    trimmed(
        "Gmail, its introduction wrapped",
        """
        Yes, please send it again.

        On Fri, Nov 27, 2026 at 4:12 PM Acme Support <
        support@acme.example> wrote:

        > Shall we send it again?
        """.replace("\n    ", "\n"),
    ),
    trimmed(
        "Apple Mail",
        """
    Yes, please send it again.

    > On 27 Nov 2026, at 16:12, Acme Support <support@acme.example> wrote:
    >
    > Shall we send it again?
    """,
    ),
    trimmed(
        "Outlook",
        """
    Yes, please send it again.

    From: Acme Support <support@acme.example>
    Sent: Friday, November 27, 2026 4:12 PM
    To: Ada Byron <ada@example.com>
    Subject: Question

    Shall we send it again?
    """,
    ),
    trimmed(
        "Outlook, with a rule",
        """
    Yes, please send it again.

    ________________________________
    From: Acme Support <support@acme.example>
    Sent: Friday, November 27, 2026 4:12 PM
    To: Ada Byron <ada@example.com>
    Subject: Question

    Shall we send it again?
    """,
    ),
    trimmed(
        "Outlook of old",
        """
    Yes, please send it again.

    -----Original Message-----
    From: Acme Support [mailto:support@acme.example]
    Sent: Friday, November 27, 2026 4:12 PM
    To: Ada Byron
    Subject: Question

    Shall we send it again?
    """,
    ),
    trimmed(
        "Outlook with bold names",
        """
    Yes, please send it again.

    *From:* Acme Support <support@acme.example>
    *Sent:* Friday, November 27, 2026 4:12 PM
    *To:* Ada Byron <ada@example.com>;
    Ben Byron <ben@example.com>
    *Subject:* Question

    Shall we send it again?
    """,
    ),
    trimmed(
        "Yahoo",
        """
    Yes, please send it again.

    On Friday, November 27, 2026 at 04:12:00 PM GMT+1, Acme Support <support@acme.example> wrote:

    Shall we send it again?
    """,
    ),
    trimmed(
        "Thunderbird",
        """
    Yes, please send it again.

    On 11/27/26 16:12, Acme Support wrote:
    > Shall we send it again?
    """,
    ),
    trimmed(
        "Proton",
        """
    Yes, please send it again.

    ------- Original Message -------
    On Friday, November 27th, 2026 at 4:12 PM, Acme Support <support@acme.example> wrote:

    > Shall we send it again?
    """,
    ),
    trimmed(
        "quotes without an introduction",
        """
    Yes, please send it again.

    > Shall we send it again?
    """,
    ),
    trimmed(
        "our line alone",
        """
    Yes, please send it again.

    ##- Please type your reply above this line -##

    Shall we send it again?
    """,
    ),
    trimmed(
        "our line in French, in words that no program is known for",
        """
    Oui, merci de le renvoyer.

    ##- Merci de répondre au-dessus de cette ligne -##

    Faut-il le renvoyer ?
    """,
        "Oui, merci de le renvoyer.",
    ),
    letter(
        "a signature above the quote",
        reply(f"Yes.\n\n-- \nAda Byron\n+44 20 7946 0000\n\n{WROTE}\n> Shall we?"),
        text="Yes.\n\n-- \nAda Byron\n+44 20 7946 0000",
    ),
    letter(
        "a signature below the quote",
        reply(f"Yes.\n\n{WROTE}\n> Shall we?\n\n-- \nAda Byron"),
        text="Yes.\n\n-- \nAda Byron",
        quoted=f"{WROTE}\n> Shall we?",
    ),
    letter(
        "an answer below the quote",
        reply(f"{WROTE}\n> Shall we?\n\nYes, please."),
        text="Yes, please.",
        quoted=f"{WROTE}\n> Shall we?",
    ),
    untouched(
        "answers between quotes",
        """
    On Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:
    > Shall we send it again?

    Yes, please.

    > To the same address?

    No, to my office.
    """,
    ),
    untouched(
        "nothing but a quote",
        """
    On Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:
    > Shall we send it again?
    """,
    ),
    untouched(
        "our line on top of everything",
        """
    ##- Please type your reply above this line -##
    Yes, please.
    """,
    ),
    untouched(
        "a rule that begins a signature",
        """
    Yes, please.

    ________________________________
    Ada Byron
    Analyst
    """,
    ),
    untouched(
        "a journey in the answer",
        """
    I would like to change my ticket:

    From: Paris
    To: Rome
    Date: 3 May

    Thank you.
    """,
    ),
    untouched(
        "words of somebody else in the answer",
        """
    It is still broken.

    On Monday the man of the workshop wrote:
    the part has not come.
    """,
    ),
    untouched(
        "words that only look like an introduction",
        """
    On Monday I wrote:
    it is broken. From: the shop. To: me.
    """,
    ),
    letter(
        "no reply, though it quotes",
        plain("Your page says:\n\n> Free returns\n\nOn Friday, 27 November, the shop wrote:\nno returns."),
        text="Your page says:\n\n> Free returns\n\nOn Friday, 27 November, the shop wrote:\nno returns.",
        quoted="",
    ),
    letter(
        "an answer by its subject alone",
        plain(f"Yes.\n\n{WROTE}\n> Shall we?", subject="RE: Question"),
        text="Yes.",
    ),
    letter(
        "an answer in HTML alone, by Gmail",
        reply(
            '<div dir="ltr">Yes, please.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
            'On Fri, Nov 27, 2026 at 4:12 PM Acme &lt;<a href="mailto:s@acme.example">s@acme.example</a>&gt; wrote:<br>'
            '</div><blockquote class="gmail_quote"><div>Shall we?</div></blockquote></div>',
            kind="text/html; charset=utf-8",
        ),
        text="Yes, please.",
        quoted=f"{WROTE}\n> Shall we?",
    ),
    letter(
        "an answer in HTML alone, by Outlook",
        reply(
            '<div>Yes, please.</div><div style="border:none;border-top:solid #E1E1E1 1.0pt">'
            "<p><b>From:</b> Acme &lt;s@acme.example&gt;<br>"
            "<b>Sent:</b> Friday, November 27, 2026 4:12 PM<br><b>To:</b> Ada<br>"
            "<b>Subject:</b> Question</p></div><p>Shall we?</p>",
            kind="text/html; charset=utf-8",
        ),
        text="Yes, please.",
    ),
    letter(
        "an answer in HTML alone, below the quote",
        reply(
            "<div>On Fri, Nov 27, 2026 at 4:12 PM Acme wrote:</div>"
            "<blockquote type=cite>Shall we?</blockquote><div>Yes, please.</div>",
            kind="text/html; charset=utf-8",
        ),
        text="Yes, please.",
    ),
    letter(
        "an answer in text and HTML",
        several(
            part(f"Yes.\n\n{WROTE}\n> Shall we?"),
            part("<p>Yes.</p>", "text/html"),
            kind="alternative",
            more="In-Reply-To: <ours@acme.example>",
        ),
        text="Yes.",
    ),
    letter(
        "twenty thousand blank lines",
        reply("Yes." + "\n" * 20_000 + f"{WROTE}\n> Shall we?"),
        text="Yes.",
        quoted=f"{WROTE}\n> Shall we?",
    ),
]
