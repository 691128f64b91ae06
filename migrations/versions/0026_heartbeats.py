"""heartbeats of processes and stages

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from newsletter.db import UtcDateTime

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'heartbeats',
        sa.Column('part', sa.String(length=64), nullable=False),
        sa.Column('name', sa.String(length=64), nullable=False),
        sa.Column('began_at', UtcDateTime(), nullable=False),
        sa.Column('beat_at', UtcDateTime(), nullable=False),
        sa.Column('ended_at', UtcDateTime(), nullable=True),
        sa.Column('seconds', sa.Double(), nullable=True),
        sa.Column('problem', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('part', 'name', name=op.f('pk_heartbeats')),
    )


def downgrade() -> None:
    op.drop_table('heartbeats')
