"""What becomes of mails that have come: a ticket, a message, or a task for a person."""

from domain.mail.states import MailState
from models.people import Account, Customer
from models.tickets import Ticket
from tests.activities.mail.mailroom import Mailroom, letter


async def test_a_mail_of_a_stranger_opens_a_ticket_of_a_customer_that_is_made(room: Mailroom) -> None:
    mail = await room.arrive(letter("Ada <ada@people.example>", "Help", "It does not work."))
    assert (mail.state, mail.sender_address, mail.subject) == (MailState.OPENED, "ada@people.example", "Help")
    [ticket] = await room.all(Ticket)
    [customer] = await room.all(Customer)
    assert (ticket.id, ticket.subject, ticket.customer_id) == (mail.ticket_id, "Help", customer.id)
    assert (customer.name, customer.email, customer.status) == ("Ada", "ada@people.example", "pending")
    [account] = await room.all(Account)
    assert (account.email, account.password_hash) == ("ada@people.example", None)
    [message] = await room.messages(ticket.id)
    assert message.body == "It does not work."
    [command] = room.carried
    assert (command.kind, command.case_id, command.id) == ("ticket.open", ticket.id, mail.command_id)
    assert command.arguments == {"message_id": str(message.id), "receipt": True, "participants": []}
