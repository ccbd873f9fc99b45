"""Mails whose bytes are not what their header says, or that say nothing at all."""

from tests.domain.mail.reading.letters import letter, part, plain, several

ARABIC = "مرحبا، طلبي لم يصل بعد. شكرا لكم"
FRENCH = "Où est ma commande n° 42 ? Elle devait être livrée à Noël…"
GREEK = "Πού είναι η παραγγελία μου; Δεν έχει έρθει ακόμα."

CASES = [
    letter("UTF-8", plain(FRENCH), text=FRENCH),
    letter("Arabic in UTF-8", plain(ARABIC), text=ARABIC),
    letter(
        "Arabic in windows-1256", plain(ARABIC.encode("cp1256"), kind="text/plain; charset=windows-1256"), text=ARABIC
    ),
    letter(
        "Arabic in ISO-8859-6", plain(ARABIC.encode("iso8859-6"), kind="text/plain; charset=iso-8859-6-i"), text=ARABIC
    ),
    letter(
        "windows-1252",
        plain("Ça coûte 5 € – d’accord".encode("cp1252"), kind="text/plain; charset=windows-1252"),
        text="Ça coûte 5 € – d’accord",
    ),
    letter(
        "ISO-8859-1 that is windows-1252, as browsers take it",
        plain("“5 €”".encode("cp1252"), kind="text/plain; charset=iso-8859-1"),
        text="“5 €”",
    ),
    letter("UTF-8 that says it is ISO-8859-1", plain(FRENCH, kind="text/plain; charset=iso-8859-1"), text=FRENCH),
    letter("UTF-8 that says it is ASCII", plain(FRENCH, kind="text/plain; charset=us-ascii"), text=FRENCH),
    letter(
        "windows-1252 that says it is UTF-8",
        plain("Où est ma commande ? Elle devait être livrée à Noël, et déjà payée.".encode("cp1252")),
        text="Où est ma commande ? Elle devait être livrée à Noël, et déjà payée.",
    ),
    letter("UTF-8 that says nothing", plain(FRENCH, kind="text/plain"), text=FRENCH),
    letter(
        "windows-1252 that says nothing",
        plain("Voilà, la pièce jointe a été oubliée. À bientôt.".encode("cp1252"), kind="text/plain"),
        text="Voilà, la pièce jointe a été oubliée. À bientôt.",
    ),
    letter("windows-1253 that says nothing", plain((GREEK * 3).encode("cp1253"), kind="text/plain"), text=GREEK * 3),
    letter("a charset that nobody knows", plain(FRENCH, kind="text/plain; charset=x-ours"), text=FRENCH),
    letter("a charset in odd quotes", plain(FRENCH, kind="text/plain; charset='utf-8'"), text=FRENCH),
    letter("UTF-16 with its mark", plain("Grüße".encode("utf-16"), kind="text/plain; charset=utf-16"), text="Grüße"),
    letter(
        "UTF-16 that is ASCII in truth", plain("Hello there", kind="text/plain; charset=utf-16"), text="Hello there"
    ),
    letter("UTF-8 with a mark", plain(b"\xef\xbb\xbfHello"), text="Hello"),
    letter(
        "Japanese in ISO-2022-JP",
        plain("注文はまだですか".encode("iso2022-jp"), kind="text/plain; charset=iso-2022-jp"),
        text="注文はまだですか",
    ),
    letter(
        "Chinese in GB2312 that is GBK",
        plain("订单还没到，請幫忙".encode("gbk"), kind="text/plain; charset=gb2312"),
        text="订单还没到，請幫忙",
    ),
    letter(
        "Korean as Outlook names it",
        plain("주문이 아직 안 왔어요".encode("cp949"), kind="text/plain; charset=ks_c_5601-1987"),
        text="주문이 아직 안 왔어요",
    ),
    letter(
        "Cyrillic in KOI8-R",
        plain("Где мой заказ?".encode("koi8-r"), kind="text/plain; charset=koi8-r"),
        text="Где мой заказ?",
    ),
    letter(
        "UTF-8 cut in the middle of a character",
        plain((FRENCH * 4).encode()[:-1]),
        text=FRENCH * 3 + FRENCH[:-1] + "\ufffd",
    ),
    letter("NULs and control characters", plain(b"one\x00two\x07\x1b[31m three"), text="onetwo[31m three"),
    letter(
        "lone surrogates, encoded as if they were characters",
        plain(b"a\xed\xa0\x80b and more " + "éèéèéèéè".encode()),
        text="a\ufffd\ufffd\ufffdb and more éèéèéèéè",
    ),
    letter("lines that end with carriage returns", plain(b"one\rtwo\r\nthree\n"), text="one\ntwo\nthree"),
    letter(
        "parts of different charsets",
        several(part("Première".encode("latin-1"), "text/plain; charset=iso-8859-1"), part(ARABIC)),
        text=f"Première\n\n{ARABIC}",
    ),
    letter(
        "quoted-printable",
        plain("C=C3=A9dric a pay=C3=A9 =\n20 =E2=82=AC", encoding="quoted-printable"),
        text="Cédric a payé 20 €",
    ),
    letter(
        "quoted-printable that is broken",
        plain("50 % off=\n=ZZ and =C3=A9=", encoding="quoted-printable"),
        text="50 % off=ZZ and é",
    ),
    letter("base64", plain("Q8OpZHJpYw==", encoding="base64"), text="Cédric"),
    letter(
        "base64 with somebody's words below",
        plain("Q8OpZHJpYw==\n\n-- \nsent by a list", encoding="base64"),
        text="Cédric",
    ),
    letter("base64 cut off", plain("Q8OpZHJpYwQ", encoding="BASE64"), text="Cédric"),
    letter("an encoding that nobody knows", plain("as it is", encoding="x-none"), text="as it is"),
    letter(
        "flowed",
        plain(
            "A paragraph that \nwas broken.\n\n> their words \n> go on\n-- \nAda",
            kind="text/plain; charset=utf-8; format=flowed",
        ),
        text="A paragraph that was broken.\n\n> their words go on\n-- \nAda",
    ),
    letter(
        "flowed, the spaces deleted",
        plain("注文は \nまだ", kind="text/plain; charset=utf-8; format=flowed; delsp=yes"),
        text="注文はまだ",
    ),
]
