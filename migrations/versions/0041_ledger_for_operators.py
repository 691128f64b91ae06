"""a day of the ledger is counted by state, and turned page by page, by one index

Revision ID: 0041
Revises: 0040
"""

from alembic import op

revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_deliveries_kind_period_state_id', 'deliveries', ['kind', 'period', 'state', 'id'])
    op.drop_index('ix_deliveries_kind_period', 'deliveries')


def downgrade() -> None:
    op.create_index('ix_deliveries_kind_period', 'deliveries', ['kind', 'period'])
    op.drop_index('ix_deliveries_kind_period_state_id', 'deliveries')
