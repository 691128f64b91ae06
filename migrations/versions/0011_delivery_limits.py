"""When a delivery's tries end, its envelope sender, and who holds how many connections.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("retry_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deliveries", sa.Column("envelope_from", sa.String(length=320), nullable=True))
    op.create_table(
        "connection_shares",
        sa.Column("lease", sa.String(length=64), nullable=False),
        sa.Column("connections", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lease", name=op.f("pk_connection_shares")),
    )


def downgrade() -> None:
    op.drop_table("connection_shares")
    op.drop_column("deliveries", "envelope_from")
    op.drop_column("deliveries", "retry_until")
