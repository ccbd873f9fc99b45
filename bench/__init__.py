"""The benchmark: how long the bare engine takes on this machine, how long the product takes, and the ratio of the
two."""
