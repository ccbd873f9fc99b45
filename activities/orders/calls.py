"""Calls an address that a tenant has named, signed as Standard Webhooks says (https://www.standardwebhooks.com).

It is called where the whole internet can reach it and nowhere else: a tenant's address must not lead into the house.
Redirects are not followed, and of the answer only the status counts.
"""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx2
from standardwebhooks import Webhook
from temporalio.exceptions import ApplicationError

from activities.hosts import HostRefused, HostUnknown
from activities.posting import posted

PATIENCE_SECONDS = 15.0
"""For the whole of a call: an answer that comes byte by byte never runs into the timeout of a read."""


async def call(
    url: str, secret: str, key: str, payload: dict[str, Any], *, private: bool, patience: float = PATIENCE_SECONDS
) -> None:
    """Posts the payload under a key that is the same each time. `private` lets the own machine and network be called.

    Raises ApplicationError: `address_refused` for good; `webhook_failed` to be tried again, for no answer within
    `patience` seconds and for any but a 2xx.
    """
    body, now = json.dumps(payload, separators=(",", ":")), datetime.now(UTC)
    headers = {
        "content-type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(key, now, body),
    }
    try:
        async with asyncio.timeout(patience):
            status = await _post(url, body, headers, private=private)
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
        raise ApplicationError(f"The call failed: {type(error).__name__}.", type="webhook_failed") from None
    if not 200 <= status < 300:
        raise ApplicationError(f"The receiver answered {status}.", type="webhook_failed")


async def _post(url: str, body: str, headers: dict[str, str], *, private: bool) -> int:
    try:
        async with posted(url, body, headers, private=private) as answer:
            return answer.status_code
    except HostUnknown:
        raise ApplicationError("The receiver's name is not known.", type="webhook_failed") from None
    except HostRefused:
        refused = "The receiver's address is a private one."
        raise ApplicationError(refused, type="address_refused", non_retryable=True) from None
