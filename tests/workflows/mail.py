"""An SMTP server that keeps what it gets, and can be told to be out of order or to refuse for a while."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from ops.embedded.ports import free_port
from tests.stack.mails import text_of

OPENINGS = ("Nous avons reçu votre demande", "À faire")
_RECEIPT = "nous avons bien reçu"
"""What a receipt says whose subject is that of the conversation, because its tenant has a mailbox."""


class Postbox:
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.out_of_order = False
        self.refuses_for_good = False
        self.refused = 0
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    def start(self) -> str:
        """Starts it and returns its address."""
        self._controller.start()
        return f"smtp://127.0.0.1:{self._controller.port}"

    def stop(self) -> None:
        self._controller.stop()

    def letters(self, number: str) -> list[EmailMessage]:
        """The mails about a case, but for those that say that it has come, or that a task of it waits."""
        mine = [mail for mail in self.mails if number in str(mail["Subject"])]
        return [mail for mail in mine if not _opens(mail)]

    def about(self, number: str) -> list[str]:
        """Their subjects, with who got them."""
        return [f"{mail['To']}: {mail['Subject']}" for mail in self.letters(number)]

    def openings(self, number: str) -> list[str]:
        """The subjects of the others, with who got them."""
        mine = (mail for mail in self.mails if number in str(mail["Subject"]))
        return [f"{mail['To']}: {mail['Subject']}" for mail in mine if _opens(mail)]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.out_of_order:
            self.refused += 1
            return "451 Out of order"
        if self.refuses_for_good:
            self.refused += 1
            return "554 Looks like spam"
        content = envelope.original_content or b""
        mail = message_from_bytes(content, _class=EmailMessage, policy=default)
        # Read once: else each look at a header parses it anew, and whoever waits looks at all mails again and again.
        for name in {"To", "Subject"} & set(mail):
            mail.replace_header(name, mail[name])
        self.mails.append(mail)
        return "250 OK"


def _opens(mail: EmailMessage) -> bool:
    return any(words in str(mail["Subject"]) for words in OPENINGS) or _RECEIPT in text_of(mail)
