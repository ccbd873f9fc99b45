"""The real parts that `casewright up` brings along, so that a bare machine needs none of its own."""
