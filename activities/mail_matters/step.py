"""What a matter of mail is in the database."""

from activities.cases.aggregate import Aggregate
from activities.cases.step import Step
from domain.mail_matters.rules import MatterState
from models.mail_matters import MailMatter


class MailMatters(Aggregate[MailMatter, MatterState, Step[MatterState]]):
    prefix, digits = "ML", 4
    born_with = ("status",)
