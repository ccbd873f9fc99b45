"""The benchmark: what the bare engine takes on this machine, what the product takes, and the one over the other."""
