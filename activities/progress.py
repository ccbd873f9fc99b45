"""How long work says that it goes on."""

from temporalio import activity


def tell_that_it_goes_on() -> None:
    """Heartbeats for an activity; a worker's round does the same work and has nobody to tell."""
    if activity.in_activity():
        activity.heartbeat()
