"""what translation engines were asked and answered, by day

Revision ID: 0009
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'engine_counts',
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('engine', sa.String(length=64), nullable=False),
        sa.Column('what', sa.String(length=64), nullable=False),
        sa.Column('count', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('day', 'engine', 'what', name=op.f('pk_engine_counts')),
    )


def downgrade() -> None:
    op.drop_table('engine_counts')
