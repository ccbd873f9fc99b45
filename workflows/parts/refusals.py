"""Tells refusals from defects when failures come back through Temporal."""

from temporalio.exceptions import ApplicationError

from domain.refusal import REFUSAL


def is_refusal(error: BaseException | None) -> bool:
    """Whether a failure is a refusal that the kernel itself has raised; only that settles a command for good."""
    return isinstance(error, ApplicationError) and error.non_retryable and tuple(error.details) == (REFUSAL,)
