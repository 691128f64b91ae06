"""When a delivery's tries end, its envelope sender, and who holds how many connections.

Revision ID: 0004
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as batch_op:
        batch_op.add_column(sa.Column("retry_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("envelope_from", sa.String(length=320), nullable=True))
    op.create_table(
        "connection_shares",
        sa.Column("lease", sa.String(length=64), nullable=False),
        sa.Column("connections", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lease", name=op.f("pk_connection_shares")),
    )


def downgrade() -> None:
    op.drop_table("connection_shares")
    with op.batch_alter_table("deliveries") as batch_op:
        batch_op.drop_column("envelope_from")
        batch_op.drop_column("retry_until")
