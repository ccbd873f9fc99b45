"""Text whose paragraphs were broken into lines for the way (RFC 3676, format=flowed)."""

_SIGNATURE = "-- "


def unflowed(text: str, *, delete_space: bool) -> str:
    """The text with each paragraph on one line again, those of quotes too."""
    lines: list[list[str]] = []
    flows_at: int | None = None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        flows_on = words.endswith(" ") and words != _SIGNATURE
        kept = words[:-1] if flows_on and delete_space else words
        if flows_at == depth and words != _SIGNATURE:
            lines[-1].append(kept)
        else:
            lines.append([">" * depth, " " if depth and words else "", kept])
        flows_at = depth if flows_on else None
    return "\n".join("".join(line) for line in lines)
