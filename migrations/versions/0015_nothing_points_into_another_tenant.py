"""nothing points into another tenant, and the platform's own is the platform's to write"""

from alembic import op

from migrations.row_security import ACCOUNT, TENANT, force

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

REFERRED_TO = (
    "agent_group",
    "calendar",
    "customer",
    "file",
    "kyc_document",
    "membership",
    "product",
    "quote",
    "quote_content",
    "quote_request",
    "role",
    "sla_policy",
    "sla_terms",
    "task",
    "ticket",
    "ticket_category",
    "ticket_message",
)

REFERENCES = (
    ("agent_group_member", "group_id", "agent_group", "CASCADE"),
    ("agent_group_member", "membership_id", "membership", "CASCADE"),
    ("callback", "customer_id", "customer", None),
    ("customer", "sla_policy_id", "sla_policy", None),
    ("delivery", "customer_id", "customer", None),
    ("invitation", "customer_id", "customer", None),
    ("kyc_case", "id", "customer", None),
    ("kyc_document", "customer_id", "customer", None),
    ("kyc_document_file", "document_id", "kyc_document", None),
    ("kyc_document_file", "file_id", "file", None),
    ("membership", "customer_id", "customer", None),
    ("membership_role", "membership_id", "membership", "CASCADE"),
    ("membership_role", "role_id", "role", None),
    ("quote", "customer_id", "customer", None),
    ("quote", "request_id", "quote_request", None),
    ("quote_answer", "quote_id", "quote", None),
    ("quote_content", "quote_id", "quote", None),
    ("quote_document", "content_id", "quote_content", None),
    ("quote_document", "file_id", "file", None),
    ("quote_document", "quote_id", "quote", None),
    ("quote_line", "content_id", "quote_content", None),
    ("quote_line", "product_id", "product", None),
    ("quote_request", "customer_id", "customer", None),
    ("quote_request_file", "file_id", "file", None),
    ("quote_request_file", "request_id", "quote_request", None),
    ("quote_request_product", "product_id", "product", None),
    ("quote_request_product", "request_id", "quote_request", None),
    ("role_permission", "role_id", "role", "CASCADE"),
    ("sla_breach", "ticket_id", "ticket", None),
    ("sla_clock", "ticket_id", "ticket", None),
    ("sla_policy", "calendar_id", "calendar", None),
    ("sla_terms", "policy_id", "sla_policy", "CASCADE"),
    ("task", "customer_id", "customer", None),
    ("task_decision", "task_id", "task", None),
    ("ticket", "category_id", "ticket_category", None),
    ("ticket", "customer_id", "customer", None),
    ("ticket", "group_id", "agent_group", None),
    ("ticket", "sla_terms_id", "sla_terms", None),
    ("ticket_category", "sla_policy_id", "sla_policy", None),
    ("ticket_message", "ticket_id", "ticket", None),
    ("ticket_message_file", "file_id", "file", None),
    ("ticket_message_file", "message_id", "ticket_message", None),
)

"""Table, column, the table that it refers to, and what becomes of a row whose reference is deleted."""

# What the app may change, where that is not all of a row.
CHANGEABLE = {
    "account": ("password_hash", "full_name", "locale", "email_verified_at", "disabled_at"),
    "membership": ("customer_id", "away"),
    "tenant": ("settings",),
}
ACCOUNT_AS_REGISTERED = ("id", "created_at", "email", *CHANGEABLE["account"])


def upgrade() -> None:
    """A row that points into another tenant fails the migration, which names it and changes nothing: whose it is only
    people can say.

    The version before reads `tenant` without a scope: until it is replaced its sweeps rest, and it knows no tenant by
    name.
    """
    for table in REFERRED_TO:
        op.create_unique_constraint(op.f(f"uq_{table}_tenant_id_id"), table, ["tenant_id", "id"])
    for table, column, target, ondelete in REFERENCES:
        op.drop_constraint(op.f(f"fk_{table}_{column}"), table, type_="foreignkey")
        op.create_foreign_key(
            op.f(f"fk_{table}_tenant_id_{column}"),
            table,
            target,
            ["tenant_id", column],
            ["tenant_id", "id"],
            ondelete=ondelete,
        )
    _hide_tenants()
    _keep_platform_role()
    for table, columns in CHANGEABLE.items():
        op.execute(f"REVOKE UPDATE ON {table} FROM casewright_app")
        op.execute(f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO casewright_app")
    op.execute("REVOKE INSERT ON account FROM casewright_app")
    op.execute(f"GRANT INSERT ({', '.join(ACCOUNT_AS_REGISTERED)}) ON account TO casewright_app")
    op.create_check_constraint(
        op.f("ck_role_permission_of_a_tenant"), "role_permission", "permission NOT LIKE 'tenants:%'"
    )


def _hide_tenants() -> None:
    """A tenant is seen by itself, by its members, and by who keeps the platform. Everybody else, the sweeps for one,
    learns ids only."""
    force("tenant")
    op.execute(f"CREATE POLICY own ON tenant USING (id = {TENANT}) WITH CHECK (id = {TENANT})")
    membership = f"FROM membership WHERE membership.tenant_id = tenant.id AND membership.account_id = {ACCOUNT}"
    op.execute(f"CREATE POLICY member ON tenant FOR SELECT USING (EXISTS (SELECT {membership}))")
    keeper = f"FROM account WHERE account.id = {ACCOUNT} AND account.platform_role = 'superadmin'"
    op.execute(f"CREATE POLICY keeper ON tenant FOR SELECT USING (EXISTS (SELECT {keeper}))")
    # Row security is forced on the owner too, in whose name the functions look.
    op.execute("CREATE POLICY functions ON tenant FOR SELECT TO CURRENT_USER USING (true)")
    _create_function("tenant_ids()", "SETOF uuid", "SELECT id FROM public.tenant ORDER BY id")
    _create_function("tenant_named(text)", "uuid", "SELECT id FROM public.tenant WHERE slug = $1")


def _keep_platform_role() -> None:
    """The first keeper of the platform is made by whoever installs it, others by the owner of the database."""
    op.execute("CREATE POLICY keepers ON account FOR SELECT TO CURRENT_USER USING (platform_role IS NOT NULL)")
    # Two at once wait for each other's transaction: each would look before the other's keeper is there.
    op.execute(
        "CREATE FUNCTION make_first_superadmin(keeper uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER "
        "SET search_path = '' AS $$ BEGIN "
        "PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('make_first_superadmin')); "
        "IF EXISTS (SELECT FROM public.account WHERE platform_role IS NOT NULL AND id <> keeper) THEN "
        "RETURN false; END IF; "
        "UPDATE public.account SET platform_role = 'superadmin' WHERE id = keeper; "
        "RETURN FOUND; END $$"
    )
    _allow_app("make_first_superadmin(uuid)")


def _create_function(signature: str, returns: str, query: str) -> None:
    op.execute(
        f"CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER "
        f"SET search_path = '' AS $$ {query} $$"
    )
    _allow_app(signature)


def _allow_app(function: str) -> None:
    op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO casewright_app")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_role_permission_of_a_tenant"), "role_permission", type_="check")
    for table in ("account", "membership", "tenant"):
        op.execute(f"REVOKE INSERT, UPDATE ON {table} FROM casewright_app")
        op.execute(f"GRANT INSERT, UPDATE ON {table} TO casewright_app")
    op.execute("DROP FUNCTION make_first_superadmin(uuid)")
    op.execute("DROP FUNCTION tenant_named(text)")
    op.execute("DROP FUNCTION tenant_ids()")
    op.execute("DROP POLICY keepers ON account")
    for policy in ("functions", "keeper", "member", "own"):
        op.execute(f"DROP POLICY {policy} ON tenant")
    op.execute("ALTER TABLE tenant NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE tenant DISABLE ROW LEVEL SECURITY")
    for table, column, target, ondelete in REFERENCES:
        op.drop_constraint(op.f(f"fk_{table}_tenant_id_{column}"), table, type_="foreignkey")
        op.create_foreign_key(op.f(f"fk_{table}_{column}"), table, target, [column], ["id"], ondelete=ondelete)
    for table in REFERRED_TO:
        op.drop_constraint(op.f(f"uq_{table}_tenant_id_id"), table, type_="unique")
