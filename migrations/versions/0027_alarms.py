"""alarms: what is wrong, and whether somebody was told

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

from newsletter.db import UtcDateTime

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'alarms',
        sa.Column('kind', sa.String(length=64), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.Column('since', UtcDateTime(), nullable=False),
        sa.Column('told', sa.Boolean(), nullable=False),
        sa.Column('ended_at', UtcDateTime(), nullable=True),
        sa.Column('claimed_until', UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint('kind', name=op.f('pk_alarms')),
    )


def downgrade() -> None:
    op.drop_table('alarms')
