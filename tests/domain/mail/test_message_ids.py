"""Message-IDs as they are sent, and those that relays give."""

import pytest

from domain.mail.message_ids import as_sent, relayed_as

UUID = "b7bc2f4a-e38e-4336-af7d-e6c392c2f817"
AMAZONS = "0102018f3c5a7b1e-6c1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8-000000"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("<1@here>", "<1@here>"),
        (" 1@here ", "<1@here>"),
        (None, None),
        ("", None),
        ("<here>", None),
        ("<1@here> <2@here>", None),
        ("<1@hère>", None),
        ("<1@here\r\nBcc: all@acme.example>", None),
        (f"<{'x' * 250}@here>", None),
    ],
)
def test_an_id_is_sent_in_one_form_or_not_at_all(given: str | None, sent: str | None) -> None:
    assert as_sent(given) == sent


@pytest.mark.parametrize(
    ("answer", "host", "gives"),
    [
        ("2.0.0 Ok: queued as <202611291200.12345678901@relay.example>", "smtp.relay.example", True),
        (f"Ok {AMAZONS}", "email-smtp.eu-west-1.amazonaws.com", f"<{AMAZONS}@eu-west-1.amazonses.com>"),
        (f"Ok {AMAZONS}", "email-smtp.us-east-1.amazonaws.com", f"<{AMAZONS}@email.amazonses.com>"),
        (f"Ok {AMAZONS}", "smtp.relay.example", None),
        (f"2.0.0 Ok: queued as {UUID}", "smtp.postmarkapp.com", f"<{UUID}@mtasv.net>"),
        (f"2.0.0 Ok: queued as {UUID}", "smtp.relay.example", None),
        ("2.0.0 Ok: queued as 4Z9abc1XyZ", "localhost", None),
        ("2.0.0 Ok: queued as <1@relay.example>", "localhost", None),
        ("OK", "localhost", None),
    ],
)
def test_a_relay_says_under_which_id_it_sends(answer: str, host: str, gives: str | bool | None) -> None:
    written_out = "<202611291200.12345678901@relay.example>"
    assert relayed_as(answer, host) == (written_out if gives is True else gives)
