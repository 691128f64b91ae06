"""examples of what readers look for

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

from newsletter.db import UtcDateTime

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'examples',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('subscriber_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('title', sa.Text(), nullable=False),
        sa.Column('abstract', sa.Text(), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ['subscriber_id'], ['subscribers.id'], name=op.f('fk_examples_subscriber_id_subscribers'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_examples')),
    )
    op.create_index(op.f('ix_examples_subscriber_id'), 'examples', ['subscriber_id'])


def downgrade() -> None:
    op.drop_table('examples')
