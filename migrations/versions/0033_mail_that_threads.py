"""mail that threads"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


_BY_TOKEN = "nullif(current_setting('app.inbound_token', true), '')"  # noqa: S105


def upgrade() -> None:
    # A provider that brings mail knows a token, and no tenant.
    op.execute(f"CREATE POLICY by_token ON mail_account FOR SELECT USING (inbound_token = {_BY_TOKEN})")
    op.create_unique_constraint(op.f("uq_ticket_participant_tenant_id_id"), "ticket_participant", ["tenant_id", "id"])
    op.add_column("delivery", sa.Column("participant_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_delivery_tenant_id_participant_id"),
        "delivery",
        "ticket_participant",
        ["tenant_id", "participant_id"],
        ["tenant_id", "id"],
    )
    op.create_unique_constraint(
        op.f("uq_delivery_tenant_id_step_id_participant_id_channel_template"),
        "delivery",
        ["tenant_id", "step_id", "participant_id", "channel", "template"],
    )
    op.drop_constraint(op.f("ck_delivery_one_recipient"), "delivery", type_="check")
    op.create_check_constraint(
        op.f("ck_delivery_one_recipient"), "delivery", "num_nonnulls(recipient_id, customer_id, participant_id) = 1"
    )


def downgrade() -> None:
    op.execute("DROP POLICY by_token ON mail_account")
    op.drop_constraint(op.f("ck_delivery_one_recipient"), "delivery", type_="check")
    op.drop_column("delivery", "participant_id")
    op.create_check_constraint(
        op.f("ck_delivery_one_recipient"), "delivery", "(recipient_id IS NULL) <> (customer_id IS NULL)"
    )
    op.drop_constraint(op.f("uq_ticket_participant_tenant_id_id"), "ticket_participant", type_="unique")
