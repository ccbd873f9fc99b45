"""The API's document is a contract: it names, describes and gives examples for everything that it holds."""

import re
from typing import Any

import jsonschema_rs

from tests.stack.document import document


def schemas() -> dict[str, dict[str, Any]]:
    schemas: dict[str, dict[str, Any]] = document()["components"]["schemas"]
    return schemas


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation) for path, those in document()["paths"].items() for method, operation in those.items()
    ]


def parameters(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in operation.get("parameters", ())}


def test_clients_have_names_for_everything() -> None:
    assert document()["servers"] == [{"url": "/"}]
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][a-z]*)*", name)] == []
    assert {"listTickets", "getTicket", "getTicketTimeline", "openTicket", "acceptQuoteByLink"} <= set(names)
    assert [name for name in schemas() if not name.isalnum()] == []
    assert {"TicketPage", "EventPage"} <= schemas().keys()


def test_everything_is_described() -> None:
    used = {tag for _, _, operation in operations() for tag in operation["tags"]}
    assert used == {tag["name"] for tag in document()["tags"] if tag["description"]}
    assert [operation["operationId"] for _, _, operation in operations() if not operation.get("description")] == []
    missing = [
        (operation["operationId"], name)
        for _, _, operation in operations()
        for name, parameter in parameters(operation).items()
        if not parameter.get("description")
    ]
    missing += [
        (name, field)
        for name, schema in schemas().items()
        for field, said in schema.get("properties", {}).items()
        if not said.get("description")
    ]
    assert missing == []


def test_every_body_has_an_example_that_is_one() -> None:
    for _, _, operation in operations():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content:
            schema = {**content["schema"], "components": document()["components"]}
            assert jsonschema_rs.is_valid(schema, content["example"]), (operation["operationId"], content["example"])


def test_lists_say_by_what_they_sort() -> None:
    sorted_ones = [parameters(operation)["sort"] for _, _, operation in operations() if "sort" in parameters(operation)]
    assert len(sorted_ones) > 15
    for sort in sorted_ones:
        known = sort["schema"]["enum"] if "enum" in sort["schema"] else sort["schema"]["anyOf"][0]["enum"]
        assert sort["schema"].get("default") in (None, *known)


def test_only_who_needs_a_login_is_told_to_log_in() -> None:
    for _, path, operation in operations():
        signed = "/mail/inbound/" in path
        expected = "security" in operation or signed or path.endswith(("/auth/login", "/auth/refresh"))
        assert ("401" in operation["responses"]) == expected, path


def test_only_commands_may_wait() -> None:
    waiting = {path for method, path, operation in operations() if "202" in operation["responses"] and method == "post"}
    assert {"/api/v1/tickets", "/api/v1/tickets/{ticket_id}/assign", "/api/v1/public/{tenant_slug}/bookings"} <= waiting
    mailed = {
        "/api/v1/auth/resend-verification",
        "/api/v1/auth/password/reset-request",
        "/api/v1/mail/accounts/{mailbox_id}/sync",
    }
    alone = {"/api/v1/customers", "/api/v1/groups", "/api/v1/auth/logout", "/api/v1/files"}
    assert not waiting & alone
    for method, path, operation in operations():
        accepted = operation["responses"].get("202")
        if accepted and path not in mailed:
            assert {"Location", "Command-Id"} <= accepted["headers"].keys(), (method, path)


def test_answers_say_what_stands_in_their_headers() -> None:
    by_name = {operation["operationId"]: operation["responses"] for _, _, operation in operations()}
    assert {"ETag", "Location", "Command-Id"} <= by_name["openTicket"]["201"]["headers"].keys()
    assert "ETag" in by_name["getTicket"]["200"]["headers"]
    assert "Location" in by_name["convertQuote"]["201"]["headers"]
    assert "headers" not in by_name["listTickets"]["200"]
    nameless = {"register", "bookAsGuest"}
    made = {name: answers["201"] for name, answers in by_name.items() if "201" in answers}
    assert {name for name, answer in made.items() if "Location" not in answer.get("headers", {})} == nameless
    assert "Retry-After" in by_name["login"]["429"]["headers"]


def test_if_match_is_where_a_version_is_looked_at() -> None:
    taking = {operation["operationId"] for _, _, operation in operations() if "If-Match" in parameters(operation)}
    assert {"editTicket", "assignTicket", "submitQuote", "acceptQuoteByLink"} <= taking
    assert not taking & {"openTicket", "createCalendar", "suspendCustomer", "activateCustomer", "bookAsGuest"}
    for _, _, operation in operations():
        assert ("412" in operation["responses"]) == (operation["operationId"] in taking)
