"""What a mail says."""

from email.message import EmailMessage


def text_of(mail: EmailMessage) -> str:
    """Its plain text."""
    body = mail.get_body(("plain",))
    assert body is not None, mail
    return str(body.get_content())
