"""what a subscriber's last change of choices replaced, so that it can be undone

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from newsletter.db import UtcDateTime

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    choices = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql')
    op.create_table(
        'replaced_choices',
        sa.Column('subscriber_id', number, nullable=False),
        sa.Column('choices', choices, nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ['subscriber_id'],
            ['subscribers.id'],
            name=op.f('fk_replaced_choices_subscriber_id_subscribers'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('subscriber_id', name=op.f('pk_replaced_choices')),
    )


def downgrade() -> None:
    op.drop_table('replaced_choices')
