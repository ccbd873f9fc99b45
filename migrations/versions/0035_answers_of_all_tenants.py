"""automatic answers of all tenants"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

FUNCTION = "automatic_answers_to(text[], timestamptz, timestamptz)"


def upgrade() -> None:
    # Whoever makes mails seem to come from an address must not have it written to by one tenant after the other.
    op.execute("CREATE POLICY owner_counts ON automatic_answer FOR SELECT TO CURRENT_USER USING (true)")
    op.create_index("ix_automatic_answer_address_at", "automatic_answer", ["address", "at"])
    op.drop_index("ix_automatic_answer_tenant_id_address_at", "automatic_answer")
    op.execute(
        "CREATE FUNCTION automatic_answers_to(addresses text[], hour_ago timestamptz, day_ago timestamptz) "
        "RETURNS TABLE (within_hour bigint, within_day bigint) LANGUAGE sql STABLE SECURITY DEFINER "
        "SET search_path = '' AS $$ SELECT count(*) FILTER (WHERE at > hour_ago), count(*) "
        "FROM public.automatic_answer WHERE address = ANY (addresses) AND at > day_ago GROUP BY address $$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {FUNCTION} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {FUNCTION} TO casewright_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {FUNCTION}")
    op.create_index("ix_automatic_answer_tenant_id_address_at", "automatic_answer", ["tenant_id", "address", "at"])
    op.drop_index("ix_automatic_answer_address_at", "automatic_answer")
    op.execute("DROP POLICY owner_counts ON automatic_answer")
