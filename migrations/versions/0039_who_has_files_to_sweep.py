"""who has files to sweep"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

# As the index of them says.
UNSETTLED = "status <> 'stored' OR attached_at IS NULL OR scan = 'pending'"
CONCERNED = (
    "status = 'removing' OR (status = 'uploading' AND created_at < unfinished_before) "
    "OR (status = 'stored' AND scan = 'pending') "
    "OR (status = 'stored' AND attached_at IS NULL AND stored_at < unused_before)"
)
QUERY = f"SELECT DISTINCT tenant_id FROM public.file WHERE ({UNSETTLED}) AND ({CONCERNED})"  # noqa: S608  our own words


def upgrade() -> None:
    op.execute(f"CREATE POLICY of_all ON file FOR SELECT TO CURRENT_USER USING ({UNSETTLED})")
    op.execute(
        "CREATE FUNCTION tenants_with_files_to_sweep(unfinished_before timestamptz, unused_before timestamptz) "
        f"RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$ {QUERY} $$"
    )
    op.execute("REVOKE ALL ON FUNCTION tenants_with_files_to_sweep FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION tenants_with_files_to_sweep TO casewright_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION tenants_with_files_to_sweep")
    op.execute("DROP POLICY of_all ON file")
