"""Answers in French, Arabic and German, as the usual programs write them."""

from tests.domain.mail.reading.trimming import trimmed

REPONSE = "Oui, merci de le renvoyer."

CASES = [
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
]
