"""`Refusal`: how business rules say no."""

REFUSAL = "refusal"
"""The mark on a failure that is a refusal and passes through Temporal. A failure without it is a defect."""


class Refusal(Exception):
    """A request that the rules do not allow.

    `code` is stable and meant for programs; `sentence` is for people and holds no personal data, because a refusal
    that a workflow makes is written into its history. `field` is what is at fault in what was asked, as a path.
    """

    def __init__(self, code: str, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.field = field
