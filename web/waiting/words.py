"""What is said of what does not go on."""

from api.waiting.schemas import Stuck


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


STUCK = {
    Stuck.COMMAND: _("A command has no answer"),
    Stuck.DELIVERY: _("A message is not sent"),
    Stuck.TASK: _("A task is late"),
    Stuck.ACTIVITY: _("A step fails each time"),
}
SYMBOLS = {
    Stuck.COMMAND: "hourglass",
    Stuck.DELIVERY: "mail",
    Stuck.TASK: "alarm-clock",
    Stuck.ACTIVITY: "circle-x",
}
