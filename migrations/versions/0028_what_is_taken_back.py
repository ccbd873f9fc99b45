"""what is taken back"""

import sqlalchemy as sa
from alembic import op

from migrations.row_security import ACCOUNT

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# Of a ticket that is not resolved: the first answer while it is owed, and the resolution. A clock that stands still is
# due at no time.
DUE = (
    "CASE WHEN status IN ('resolved', 'closed') THEN NULL ELSE "
    "least(CASE WHEN first_responded_at IS NULL THEN first_response_due_at END, resolution_due_at) END"
)
OF_A_TENANT = "name, locale, timezone, currency, suspended_at, suspended_reason"
STATUSES = {
    ("quote", "quotestatus"): (
        *("draft", "pending_approval", "approved", "rejected", "sent", "accepted", "declined", "expired", "superseded"),
        *("withdrawn", "converted"),
    ),
    ("quote_request", "quoterequeststatus"): ("open", "quoted", "declined", "closed", "withdrawn"),
}
WITHDRAWN = "withdrawn"


def upgrade() -> None:
    _allow(STATUSES)
    op.add_column("ticket", sa.Column("due_at", sa.DateTime(timezone=True), sa.Computed(DUE, persisted=True)))
    op.create_index(
        "ix_ticket_due",
        "ticket",
        ["tenant_id", "due_at", "id"],
        postgresql_where=sa.text("version > 0 AND due_at IS NOT NULL"),
    )
    op.add_column("tenant", sa.Column("suspended_at", sa.DateTime(timezone=True)))
    op.add_column("tenant", sa.Column("suspended_reason", sa.String()))
    _let_the_platform_change_tenants()
    # One that anything was ever moved or claimed of stays: what happened to it refers to it.
    op.execute("GRANT DELETE ON stock TO casewright_app")


def downgrade() -> None:
    """Fails where something has been withdrawn: the version before would not know what that is."""
    op.execute("REVOKE DELETE ON stock FROM casewright_app")
    op.execute("DROP FUNCTION change_tenant(uuid, jsonb)")
    op.execute("DROP POLICY functions_change ON tenant")
    op.drop_column("tenant", "suspended_reason")
    op.drop_column("tenant", "suspended_at")
    op.drop_index("ix_ticket_due", "ticket")
    op.drop_column("ticket", "due_at")
    _allow({of: tuple(each for each in statuses if each != WITHDRAWN) for of, statuses in STATUSES.items()})


def _let_the_platform_change_tenants() -> None:
    """A tenant changes its settings only: for the rest the function asks who keeps the platform."""
    op.execute("CREATE POLICY functions_change ON tenant FOR UPDATE TO CURRENT_USER USING (true)")
    keeper = f"FROM public.account WHERE id = {ACCOUNT} AND platform_role = 'superadmin'"
    op.execute(
        "CREATE FUNCTION change_tenant(changed uuid, changes jsonb) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER "  # noqa: S608  our own names
        "SET search_path = '' AS $$ BEGIN "
        f"IF NOT EXISTS (SELECT {keeper}) THEN RETURN false; END IF; "
        f"UPDATE public.tenant SET ({OF_A_TENANT}) = (SELECT {OF_A_TENANT} "
        "FROM pg_catalog.jsonb_populate_record(tenant, changes)) WHERE id = changed; "
        "RETURN FOUND; END $$"
    )
    op.execute("REVOKE ALL ON FUNCTION change_tenant(uuid, jsonb) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION change_tenant(uuid, jsonb) TO casewright_app")


def _allow(statuses_of: dict[tuple[str, str], tuple[str, ...]]) -> None:
    for (table, enum), statuses in statuses_of.items():
        name = f"ck_{table}_{enum}"
        op.drop_constraint(op.f(name), table, type_="check")
        listed = ", ".join(f"'{status}'" for status in statuses)
        op.create_check_constraint(op.f(name), table, f"status IN ({listed})")
