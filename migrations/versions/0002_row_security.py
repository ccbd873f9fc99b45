"""who may see what"""

from alembic import op

from migrations.row_security import ACCOUNT, LOGIN_EMAIL, TENANT, force, grant, isolate_by_tenant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ISOLATED = (
    "agent_group",
    "agent_group_member",
    "calendar",
    "command",
    "customer",
    "delivery",
    "membership_role",
    "number_counter",
    "role",
    "role_permission",
    "sla_breach",
    "sla_clock",
    "sla_policy",
    "sla_terms",
    "ticket",
    "ticket_category",
    "ticket_message",
)


def upgrade() -> None:
    op.execute("GRANT USAGE ON SCHEMA public TO casewright_app")
    grant("tenant", "SELECT, INSERT, UPDATE")
    for table in ISOLATED:
        isolate_by_tenant(table)
    isolate_by_tenant("event", append_only=True)

    force("membership")
    op.execute(
        f"CREATE POLICY tenant_or_own ON membership USING (tenant_id = {TENANT} OR account_id = {ACCOUNT}) "
        f"WITH CHECK (tenant_id = {TENANT})"
    )
    grant("membership", "SELECT, INSERT, UPDATE, DELETE")

    force("account")
    op.execute(
        f"CREATE POLICY own_login_or_colleague ON account USING (id = {ACCOUNT} OR email = {LOGIN_EMAIL} OR EXISTS "
        f"(SELECT FROM membership WHERE membership.account_id = account.id AND membership.tenant_id = {TENANT})) "
        f"WITH CHECK (id = {ACCOUNT} OR email = {LOGIN_EMAIL})"
    )
    grant("account", "SELECT, INSERT, UPDATE")

    op.execute(
        "CREATE FUNCTION announce_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM pg_notify('case_event', json_build_object('tenant_id', NEW.tenant_id, 'case_kind', NEW.case_kind, "
        "'case_id', NEW.case_id, 'version', NEW.version)::text); RETURN NULL; END $$"
    )
    op.execute("CREATE TRIGGER announce AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION announce_event()")


def downgrade() -> None:
    op.execute("DROP TRIGGER announce ON event")
    op.execute("DROP FUNCTION announce_event()")
    op.execute("DROP POLICY own_login_or_colleague ON account")
    op.execute("DROP POLICY tenant_or_own ON membership")
    for table in (*ISOLATED, "event"):
        op.execute(f'DROP POLICY tenant ON "{table}"')
    for table in (*ISOLATED, "event", "membership", "account"):
        op.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM casewright_app")
