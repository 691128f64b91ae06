"""first digests that wait for a fetch under way, and which fetches are

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from newsletter.db import UtcDateTime

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'running_fetches',
        sa.Column('run', sa.String(length=64), nullable=False),
        sa.Column('until', UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('run', name=op.f('pk_running_fetches')),
    )
    op.add_column('deliveries', sa.Column('waits_until', UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column('deliveries', 'waits_until')
    op.drop_table('running_fetches')
