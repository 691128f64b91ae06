"""domains that refuse us, which are held alone

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from newsletter.db import UtcDateTime

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'refusing_domains',
        sa.Column('domain', sa.String(length=255), nullable=False),
        sa.Column('refusals', sa.Integer(), nullable=False),
        sa.Column('holds', sa.Integer(), nullable=False),
        sa.Column('held_until', UtcDateTime(), nullable=True),
        sa.Column('reply', sa.Text(), nullable=False),
        sa.Column('changed_at', UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('domain', name=op.f('pk_refusing_domains')),
    )


def downgrade() -> None:
    op.drop_table('refusing_domains')
