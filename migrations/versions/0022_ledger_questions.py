"""what an operator asks of the ledger is found by indexes of few rows

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

NO_DIGEST = sa.text("kind <> 'digest'")
REFUSED = sa.text("state <> 'sent' AND reply <> ''")


def upgrade() -> None:
    for name, column, condition in (('planned_at', 'planned_at', NO_DIGEST), ('reply', 'reply', REFUSED)):
        op.create_index(f'ix_deliveries_{name}', 'deliveries', [column], sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    op.drop_index('ix_deliveries_reply', table_name='deliveries')
    op.drop_index('ix_deliveries_planned_at', table_name='deliveries')
