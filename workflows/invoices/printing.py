"""Printing invoices: by the case before they are mailed, and for somebody who asks to see one on paper."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.invoices.printing import InvoiceDocumentActivities
    from domain.cases import CaseRef
    from domain.invoices.papers import InvoicePaper, PrintedInvoice, PrintInvoice
    from workflows.policies import DOCUMENTS_QUEUE, PRINT_RETRY, PRINT_TIMEOUT


async def print_paper(case: CaseRef, paper: InvoicePaper) -> PrintedInvoice:
    """Prints one paper of an invoice."""
    return await _print(PrintInvoice(case.tenant_id, case.case_id, paper))


async def _print(order: PrintInvoice) -> PrintedInvoice:
    return await workflow.execute_activity_method(
        InvoiceDocumentActivities.print,
        order,
        task_queue=DOCUMENTS_QUEUE,
        start_to_close_timeout=PRINT_TIMEOUT,
        retry_policy=PRINT_RETRY,
        summary=f"print: {order.paper.replace('_', ' ')}",
    )


@workflow.defn(name="PrintInvoiceWorkflow")
class PrintInvoiceWorkflow:
    @workflow.run
    async def run(self, order: PrintInvoice) -> PrintedInvoice:
        """Returns the file that holds the paper."""
        return await _print(order)
