"""what was learned of readers, the order of papers for each, and who wants fewer and better

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from newsletter.db import UtcDateTime

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')
ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'tastes',
        sa.Column('subscriber_id', ID, nullable=False),
        sa.Column('words', JSON, nullable=False),
        sa.Column('model', sa.Text(), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        _of_subscriber('tastes'),
        sa.PrimaryKeyConstraint('subscriber_id', name=op.f('pk_tastes')),
    )
    op.create_table(
        'rankings',
        sa.Column('subscriber_id', ID, nullable=False),
        sa.Column('upto', sa.BigInteger(), nullable=False),
        sa.Column('choices', sa.String(length=64), nullable=False),
        sa.Column('ranked', JSON, nullable=False),
        _of_subscriber('rankings'),
        sa.PrimaryKeyConstraint('subscriber_id', name=op.f('pk_rankings')),
    )
    op.create_table(
        'ignored_words',
        sa.Column('subscriber_id', ID, nullable=False),
        sa.Column('word', sa.String(length=64), nullable=False),
        _of_subscriber('ignored_words'),
        sa.PrimaryKeyConstraint('subscriber_id', 'word', name=op.f('pk_ignored_words')),
    )
    op.add_column('subscribers', sa.Column('choosy', sa.Boolean(), server_default=sa.false(), nullable=False))


def _of_subscriber(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f'fk_{table}_subscriber_id_subscribers')
    return sa.ForeignKeyConstraint(['subscriber_id'], ['subscribers.id'], name=name, ondelete='CASCADE')


def downgrade() -> None:
    op.drop_column('subscribers', 'choosy')
    op.drop_table('ignored_words')
    op.drop_table('rankings')
    op.drop_table('tastes')
