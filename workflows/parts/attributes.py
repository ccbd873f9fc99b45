"""The search attributes by which operators find cases."""

from typing import Any

from temporalio.common import SearchAttributeKey

Shown = dict[SearchAttributeKey[Any], Any]
"""What search attributes show; None is not shown at all."""

CASE_STATUS = SearchAttributeKey.for_keyword("CaseStatus")
STUCK = "stuck"
"""What `CaseStatus` is instead of the case's status while its step fails again and again."""
NUMBER = SearchAttributeKey.for_keyword("Number")
TENANT = SearchAttributeKey.for_keyword("Tenant")
TENANT_SLUG = SearchAttributeKey.for_keyword("TenantSlug")
TEAM = SearchAttributeKey.for_keyword("Team")
ASSIGNEE = SearchAttributeKey.for_keyword("Assignee")
PRIORITY = SearchAttributeKey.for_keyword("Priority")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")
"""When the next thing is late that the house owes: a task, an answer that a service level promises, an appointment."""
