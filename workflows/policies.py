"""Task queues, timeouts and retry policies: every call out of a workflow names one of these."""

from datetime import timedelta

from temporalio.common import RetryPolicy

CASES_QUEUE = "cases"
ASKS_QUEUE = "asks"
DELIVERY_QUEUE = "delivery"
DOCUMENTS_QUEUE = "documents"
MAIL_QUEUE = "mail"
ARRIVALS_QUEUE = "arrivals"

STEP_TIMEOUT = timedelta(seconds=15)
STEP_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10))

ONCE = RetryPolicy(maximum_attempts=1)

ASK_TIMEOUT = timedelta(seconds=30)
# After three attempts the sweep takes over.
ASK_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=3)

# A mail server may take ten minutes for each message of a step. Heartbeats show soon when a worker has died.
DELIVERY_TIMEOUT = timedelta(days=1)
DELIVERY_HEARTBEAT = timedelta(seconds=15)
# So the next attempt comes less than a minute after any outage, the time in which an attempt gives up included.
DELIVERY_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))

SWEEP_TIMEOUT = timedelta(minutes=2)
SWEEP_HEARTBEAT = timedelta(seconds=15)
SWEEP_RETRY = RetryPolicy(maximum_attempts=3)

FILE_SWEEP_TIMEOUT = timedelta(minutes=30)
FILE_SWEEP_HEARTBEAT = timedelta(minutes=2)

PRINT_TIMEOUT = timedelta(seconds=15)
PRINT_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))

WEBHOOK_TIMEOUT = timedelta(seconds=30)
WEBHOOK_GIVEN_UP_AFTER = timedelta(days=1)
WEBHOOK_RETRY = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(hours=1))

# A turn at a mailbox takes ten minutes, and what it began with last takes its time too.
MAILBOX_TIMEOUT = timedelta(minutes=30)
MAILBOX_HEARTBEAT = timedelta(seconds=20)
MAILBOX_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))

ARRIVALS_TIMEOUT = timedelta(hours=1)
ARRIVALS_HEARTBEAT = timedelta(seconds=60)
ARRIVALS_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))

MAILBOX_CHECK_TIMEOUT = timedelta(seconds=20)
