"""Answers as the usual programs write them, in English, French and Arabic: what is new, and what only repeats."""

from tests.domain.mail.reading.letters import Letter, letter, part, plain, reply, several

GMAIL = """
    Yes, please send it again.

    On Fri, Nov 27, 2026 at 4:12 PM Acme Support <support@acme.example> wrote:

    > ##- Please type your reply above this line -##
    >
    > Shall we send it again?
    """
ANSWER = "Yes, please send it again."
REPONSE = "Oui, merci de le renvoyer."


def rest_of(written: str, answer: str) -> str:
    """What stands below the answer, without the margin of this file."""
    lines = [line.removeprefix("    ").rstrip() for line in written.split("\n")]
    return "\n".join(lines).strip().removeprefix(answer).strip()


def trimmed(kind: str, written: str, answer: str = ANSWER) -> Letter:
    return letter(kind, reply(written), text=answer, quoted=rest_of(written, answer), cut=())


def untouched(kind: str, written: str, raw: bytes | None = None) -> Letter:
    return letter(kind, raw or reply(written), text=rest_of(written, ""), quoted="", cut=())


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
        "Gmail in French",
        """
    Oui, merci de le renvoyer.

    Le ven. 27 nov. 2026 à 16:12, Acme Support <support@acme.example> a écrit :

    > Faut-il le renvoyer ?
    """,
        REPONSE,
    ),
    trimmed(
        "Gmail in French, with the blank that French puts before colons",
        """
    Oui, merci de le renvoyer.

    Le ven. 27 nov. 2026 à 16:12, Acme Support <support@acme.example> a écrit\xa0:

    > Faut-il le renvoyer ?
    """,
        REPONSE,
    ),
    trimmed(
        "Apple Mail in French",
        """
    Oui, merci de le renvoyer.

    > Le 27 nov. 2026 à 16:12, Acme Support <support@acme.example> a écrit :
    >
    > Faut-il le renvoyer ?
    """,
        REPONSE,
    ),
    trimmed(
        "Outlook in French",
        """
    Oui, merci de le renvoyer.

    De : Acme Support <support@acme.example>
    Envoyé : vendredi 27 novembre 2026 16:12
    À : Ada Byron <ada@example.com>
    Objet : Question

    Faut-il le renvoyer ?
    """,
        REPONSE,
    ),
    trimmed(
        "Outlook of old in French",
        """
    Oui, merci de le renvoyer.

    -----Message d'origine-----
    De : Acme Support [mailto:support@acme.example]
    Envoyé : vendredi 27 novembre 2026 16:12
    À : Ada Byron
    Objet : Question

    Faut-il le renvoyer ?
    """,
        REPONSE,
    ),
    trimmed(
        "Thunderbird in French",
        """
    Oui, merci de le renvoyer.

    Le 27/11/2026 à 16:12, Acme Support a écrit :
    > Faut-il le renvoyer ?
    """,
        REPONSE,
    ),
    trimmed(
        "Yahoo in French",
        """
    Oui, merci de le renvoyer.

    Le vendredi 27 novembre 2026 à 16:12:00 UTC+1, Acme Support <support@acme.example> a écrit :

    Faut-il le renvoyer ?
    """,
        REPONSE,
    ),
    trimmed(
        "Orange in French",
        """
    Oui, merci de le renvoyer.

    > Message du 27/11/26 16:12
    > De : "Acme Support" <support@acme.example>
    > A : ada@example.com
    > Copie à :
    > Objet : Question
    >
    > Faut-il le renvoyer ?
    """,
        REPONSE,
    ),
    trimmed(
        "Gmail in Arabic",
        """
    نعم، من فضلك أرسلها مرة أخرى.

    في الجمعة، 27 نوفمبر 2026 في 4:12 م تمت كتابة ما يلي بواسطة Acme Support <support@acme.example>:

    > هل نرسلها مرة أخرى؟
    """,
        "نعم، من فضلك أرسلها مرة أخرى.",
    ),
    trimmed(
        "Outlook in Arabic",
        """
    نعم، من فضلك أرسلها مرة أخرى.

    من: Acme Support <support@acme.example>
    تاريخ الإرسال: 27 نوفمبر 2026 04:12 م
    إلى: Ada Byron <ada@example.com>
    الموضوع: Question

    هل نرسلها مرة أخرى؟
    """,
        "نعم، من فضلك أرسلها مرة أخرى.",
    ),
    trimmed(
        "Gmail in German",
        """
    Yes, please send it again.

    Am Fr., 27. Nov. 2026 um 16:12 Uhr schrieb Acme Support <support@acme.example>:

    > Sollen wir es noch einmal schicken?
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
        REPONSE,
    ),
    letter(
        "a signature above the quote",
        reply(
            "Yes.\n\n-- \nAda Byron\n+44 20 7946 0000\n\nOn Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:\n> Shall we?"
        ),
        text="Yes.\n\n-- \nAda Byron\n+44 20 7946 0000",
    ),
    letter(
        "a signature below the quote",
        reply("Yes.\n\nOn Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:\n> Shall we?\n\n-- \nAda Byron"),
        text="Yes.\n\n-- \nAda Byron",
        quoted="On Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:\n> Shall we?",
    ),
    letter(
        "an answer below the quote",
        reply("On Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:\n> Shall we?\n\nYes, please."),
        text="Yes, please.",
        quoted="On Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:\n> Shall we?",
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
        plain(
            "Yes.\n\nOn Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:\n> Shall we?", subject="RE: Question"
        ),
        text="Yes.",
    ),
    letter(
        "an answer in HTML alone, by Gmail",
        reply(
            '<div dir="ltr">Yes, please.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Fri, Nov 27, 2026'
            ' at 4:12 PM Acme &lt;<a href="mailto:s@acme.example">s@acme.example</a>&gt; wrote:<br></div>'
            '<blockquote class="gmail_quote"><div>Shall we?</div></blockquote></div>',
            kind="text/html; charset=utf-8",
        ),
        text="Yes, please.",
        quoted="On Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:\n> Shall we?",
    ),
    letter(
        "an answer in HTML alone, by Outlook",
        reply(
            '<div>Yes, please.</div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Acme &lt;s@acme.example&gt;<br>'
            "<b>Sent:</b> Friday, November 27, 2026 4:12 PM<br><b>To:</b> Ada<br><b>Subject:</b> Question</p></div><p>Shall we?</p>",
            kind="text/html; charset=utf-8",
        ),
        text="Yes, please.",
    ),
    letter(
        "an answer in HTML alone, below the quote",
        reply(
            "<div>On Fri, Nov 27, 2026 at 4:12 PM Acme wrote:</div><blockquote type=cite>Shall we?</blockquote><div>Yes, please.</div>",
            kind="text/html; charset=utf-8",
        ),
        text="Yes, please.",
    ),
    letter(
        "an answer in text and HTML",
        several(
            part("Yes.\n\nOn Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:\n> Shall we?"),
            part("<p>Yes.</p>", "text/html"),
            kind="alternative",
            more="In-Reply-To: <ours@acme.example>",
        ),
        text="Yes.",
    ),
    letter(
        "twenty thousand blank lines",
        reply("Yes." + "\n" * 20_500 + "> Shall we?"),
        text="Yes." + "\n" * 20_500 + "> Shall we?",
    ),
]
