"""The search attributes by which operators find cases."""

from temporalio.common import SearchAttributeKey

CASE_STATUS = SearchAttributeKey.for_keyword("CaseStatus")
TENANT = SearchAttributeKey.for_keyword("Tenant")
TEAM = SearchAttributeKey.for_keyword("Team")
ASSIGNEE = SearchAttributeKey.for_keyword("Assignee")
PRIORITY = SearchAttributeKey.for_keyword("Priority")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")
