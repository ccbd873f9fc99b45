"""Printing quotes: by the case before it is sent, and for somebody who asks to see one on paper.

The id of the latter is `print/{content id}`, so however many ask at once, it is printed once.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.quotes.printing import QuoteDocumentActivities
    from domain.cases import CaseRef
    from domain.quotes.papers import PrintedQuote, PrintQuote
    from workflows.policies import DOCUMENTS_QUEUE, PRINT_RETRY, PRINT_TIMEOUT


async def print_sent(case: CaseRef) -> PrintedQuote:
    """Prints a quote as it is sent."""
    return await _print(PrintQuote(case.tenant_id, case.case_id, sent=True))


async def _print(order: PrintQuote) -> PrintedQuote:
    return await workflow.execute_activity_method(
        QuoteDocumentActivities.print,
        order,
        task_queue=DOCUMENTS_QUEUE,
        start_to_close_timeout=PRINT_TIMEOUT,
        retry_policy=PRINT_RETRY,
        summary="print the quote",
    )


@workflow.defn(name="PrintQuoteWorkflow")
class PrintQuoteWorkflow:
    @workflow.run
    async def run(self, order: PrintQuote) -> PrintedQuote:
        """Returns the file that holds the paper."""
        return await _print(order)
