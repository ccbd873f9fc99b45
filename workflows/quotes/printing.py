"""Prints a quote that somebody asks to see on paper before it was printed.

Its id is `print/{content id}`, so however many ask at once, it is printed once.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.quotes.printing import QuoteDocumentActivities
    from domain.quotes.papers import PrintedQuote, PrintQuote
    from workflows.policies import DOCUMENTS_QUEUE, PRINT_RETRY, PRINT_TIMEOUT


@workflow.defn(name="PrintQuoteWorkflow")
class PrintQuoteWorkflow:
    @workflow.run
    async def run(self, order: PrintQuote) -> PrintedQuote:
        """Returns the file that holds the paper."""
        return await workflow.execute_activity_method(
            QuoteDocumentActivities.print,
            order,
            task_queue=DOCUMENTS_QUEUE,
            start_to_close_timeout=PRINT_TIMEOUT,
            retry_policy=PRINT_RETRY,
            summary="print the quote",
        )
