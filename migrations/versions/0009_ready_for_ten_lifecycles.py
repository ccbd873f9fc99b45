"""ready for ten lifecycles"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WITH_CASE_KIND = ("command", "event", "delivery", "review")

_CONSTRAINTS = sa.text(
    "SELECT relation.relname, named.conname FROM pg_constraint AS named "
    "JOIN pg_class AS relation ON relation.oid = named.conrelid "
    "WHERE relation.relname = ANY(:tables) AND named.conname LIKE :pattern"
)
_INDEXES = sa.text("SELECT indexname FROM pg_indexes WHERE tablename = ANY(:tables) AND indexname LIKE :pattern")


def upgrade() -> None:
    for table in WITH_CASE_KIND:
        op.drop_constraint(op.f(f"ck_{table}_casekind"), table, type_="check")
    op.drop_constraint(op.f("ck_review_reviewkind"), "review", type_="check")
    _rename("review", "task")
    op.add_column("command", sa.Column("asked_by", sa.Uuid(), nullable=True))
    op.add_column("command", sa.Column("depth", sa.Integer(), server_default="0", nullable=False))
    op.add_column("command", sa.Column("fault", sa.String(length=60), nullable=True))
    op.create_index("ix_command_asked_by", "command", ["asked_by"], postgresql_where=sa.text("asked_by IS NOT NULL"))
    op.add_column("ticket", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("ticket", "archived_at")
    op.drop_index("ix_command_asked_by", "command")
    for column in ("fault", "depth", "asked_by"):
        op.drop_column("command", column)
    _rename("task", "review")
    op.create_check_constraint(
        op.f("ck_review_reviewkind"),
        "review",
        "kind IN ('kyc_review', 'kyc_expiry', 'quote_approval', 'quote_request')",
    )
    for table in WITH_CASE_KIND:
        op.create_check_constraint(
            op.f(f"ck_{table}_casekind"), table, "case_kind IN ('ticket', 'kyc', 'quote', 'quote_request')"
        )


def _rename(old: str, new: str) -> None:
    """The inbox's tables, the columns that point to a task, what is named after them, and what is under way."""
    op.rename_table(old, new)
    op.rename_table(f"{old}_decision", f"{new}_decision")
    op.alter_column(f"{new}_decision", f"{old}_id", new_column_name=f"{new}_id")
    connection = op.get_bind()
    named = {"tables": [new, f"{new}_decision"], "pattern": f"%{old}%"}
    for table, name in connection.execute(_CONSTRAINTS, named).all():
        op.execute(f'ALTER TABLE "{table}" RENAME CONSTRAINT "{name}" TO "{name.replace(old, new)}"')
    for (name,) in connection.execute(_INDEXES, named).all():
        op.execute(f'ALTER INDEX "{name}" RENAME TO "{name.replace(old, new)}"')
    for table, column in (("command", "arguments"), ("delivery", "context")):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        facts = sa.column(column, JSONB)
        renamed = facts.op("-")(f"{old}_id").op("||")(sa.func.jsonb_build_object(f"{new}_id", facts[f"{old}_id"]))
        known = facts.has_key(f"{old}_id")
        op.execute(sa.update(sa.table(table, facts)).where(known).values({column: renamed}))
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
