"""Mails that pass another one on."""

from tests.domain.mail.reading.cases.structures import INNER
from tests.domain.mail.reading.letters import letter, part, plain, several

BELOW = "Where is my order?\n\nCyd"


def forward(body: str, subject: str = "Fwd: Order", more: str = "") -> bytes:
    return plain(body, subject=subject, more=more)


CASES = [
    letter(
        "forwarded by Gmail",
        forward(
            f"""Please look at this.

---------- Forwarded message ---------
From: Cyd <cyd@example.com>
Date: Fri, Nov 27, 2026 at 4:12 PM
Subject: Order
To: Ada Byron <ada@example.com>

{BELOW}""",
            more="In-Reply-To: <theirs@example.com>",
        ),
        forwarded=("cyd@example.com", "Order", BELOW),
        quoted="",
    ),
    letter(
        "forwarded by Outlook",
        forward(
            f"""From: Cyd <cyd@example.com>
Sent: Friday, November 27, 2026 4:12 PM
To: Ada Byron <ada@example.com>
Subject: Order

{BELOW}""",
            subject="FW: Order",
        ),
        forwarded=("cyd@example.com", "Order", BELOW),
    ),
    letter(
        "forwarded by Outlook in French",
        forward(
            f"""Pour toi.

De : Cyd <cyd@example.com>
Envoyé : vendredi 27 novembre 2026 16:12
À : Ada Byron <ada@example.com>
Objet : Commande

{BELOW}""",
            subject="TR: Commande",
        ),
        forwarded=("cyd@example.com", "Commande", BELOW),
    ),
    letter(
        "forwarded by Apple Mail",
        forward(
            f"""
Begin forwarded message:

From: Cyd <cyd@example.com>
Subject: Order
Date: 27 November 2026 at 16:12:00 CET
To: Ada Byron <ada@example.com>

{BELOW}"""
        ),
        forwarded=("cyd@example.com", "Order", BELOW),
    ),
    letter(
        "forwarded by Apple Mail in French, quoted",
        forward(
            """
> Début du message transféré :
>
> De: Cyd <cyd@example.com>
> Objet: Commande
> Date: 27 novembre 2026 à 16:12:00 UTC+1
> À: Ada Byron <ada@example.com>
>
> Where is my order?
>
> Cyd""",
            subject="Fwd: Commande",
        ),
        forwarded=("cyd@example.com", "Commande", BELOW),
    ),
    letter(
        "forwarded by Thunderbird in French, the subject changed",
        forward(
            f"""-------- Message transféré --------
Sujet : Commande
Date : Fri, 27 Nov 2026 16:12:00 +0100
De : Cyd <cyd@example.com>
Pour : ada@example.com

{BELOW}""",
            subject="Regarde",
        ),
        forwarded=("cyd@example.com", "Commande", BELOW),
    ),
    letter(
        "forwarded by Outlook of old",
        forward(
            f"""-----Original Message-----
From: Cyd [mailto:cyd@example.com]
Sent: Friday, November 27, 2026 4:12 PM
To: Ada Byron
Subject: Order

{BELOW}""",
            subject="Fw: Order",
        ),
        forwarded=("cyd@example.com", "Order", BELOW),
    ),
    letter(
        "forwarded whole",
        several(
            part("For you"),
            part(INNER, "message/rfc822", "Content-Disposition: attachment"),
            subject="Fwd: The inner one",
        ),
        text="For you",
        forwarded=("cyd@example.com", "The inner one", "Words of the inner one."),
        files=["part-2.eml"],
    ),
    letter(
        "forwarded whole, without a word",
        several(part(INNER, "message/rfc822")),
        text="",
        forwarded=("cyd@example.com", "The inner one", "Words of the inner one."),
    ),
    letter("forwarded, it says, but nothing is", forward("I lost it."), text="I lost it.", forwarded=None),
    letter(
        "an answer to what was forwarded",
        plain(
            """Thank you.

On Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:
> ---------- Forwarded message ---------
> From: Cyd <cyd@example.com>
> Date: Fri, Nov 27, 2026 at 4:00 PM
> Subject: Order
>
> Where is it?""",
            subject="Re: Fwd: Order",
        ),
        text="Thank you.",
        forwarded=None,
    ),
]
