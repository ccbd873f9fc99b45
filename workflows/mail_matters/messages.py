"""What a matter of mail is asked."""

from dataclasses import dataclass

from domain.mail_matters.rules import MatterAbout
from workflows.parts.messages import Command


@dataclass(frozen=True, kw_only=True)
class OpenMatter(Command):
    about: MatterAbout
