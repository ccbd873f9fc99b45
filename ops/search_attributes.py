"""The search attributes of a case, by name, and their types as Temporal's command line writes them."""

SEARCH_ATTRIBUTES = {
    "CaseStatus": "Keyword",
    "Number": "Keyword",
    "Tenant": "Keyword",
    "TenantSlug": "Keyword",
    "Team": "Keyword",
    "Assignee": "Keyword",
    "Priority": "Keyword",
    "DueAt": "Datetime",
}
