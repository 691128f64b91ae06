"""editors of the collection

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from newsletter.db import UtcDateTime

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table(
        'editors',
        sa.Column('subscriber_id', number, nullable=False),
        sa.Column('name', sa.String(length=64), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('invited_at', UtcDateTime(), nullable=False),
        sa.Column('invited_by', sa.String(length=64), nullable=False),
        sa.Column('revoked_at', UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ['subscriber_id'], ['subscribers.id'], name=op.f('fk_editors_subscriber_id_subscribers'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('subscriber_id', name=op.f('pk_editors')),
        sa.UniqueConstraint('name', name=op.f('uq_editors_name')),
    )


def downgrade() -> None:
    op.drop_table('editors')
