"""How much is too much: mails of one sender, mails on one ticket, and automatic answers to one address."""

from datetime import timedelta

TICKETS_OF_A_SENDER = 20
OF_A_SENDER_WITHIN = timedelta(hours=1)
MAILS_ON_A_TICKET = 10
ON_A_TICKET_WITHIN = timedelta(minutes=10)
QUIET_AFTER = timedelta(hours=1)
"""Once a flood has been held for nobody has written for so long, it is over."""

ANSWERS_AN_HOUR = 3
ANSWERS_A_DAY = 10
LONGEST_COUNTED = timedelta(days=1)


def floods(*, opened: int, on_ticket: int) -> bool:
    """Whether another mail is one too many: of a sender who has `opened` so many tickets within an hour, or on a ticket
    that has got so many mails within ten minutes."""
    return opened >= TICKETS_OF_A_SENDER or on_ticket >= MAILS_ON_A_TICKET


def may_answer(*, within_hour: int, within_day: int) -> bool:
    """Whether an address that has got so many automatic answers may get one more. So two installations that answer each
    other stop by themselves, whatever their mails say they are."""
    return within_hour < ANSWERS_AN_HOUR and within_day < ANSWERS_A_DAY
