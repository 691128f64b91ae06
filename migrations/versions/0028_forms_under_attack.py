"""confirmation mails by mailbox, uses of forms, and the mail that a one-time link stands in

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

from newsletter.db import UtcDateTime

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table(
        'confirmation_mails',
        sa.Column('id', number, nullable=False),
        sa.Column('mailbox_key', sa.String(length=64), nullable=False),
        sa.Column('delivery_id', sa.BigInteger(), nullable=False),
        sa.Column('message_id', sa.String(length=200), nullable=False),
        sa.Column('planned_at', UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_confirmation_mails')),
    )
    op.create_index('ix_confirmation_mails_mailbox_key', 'confirmation_mails', ['mailbox_key'])
    op.create_index('ix_confirmation_mails_planned_at', 'confirmation_mails', ['planned_at'])
    op.create_table(
        'form_uses',
        sa.Column('key', sa.String(length=64), nullable=False),
        sa.Column('until', UtcDateTime(), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('key', name=op.f('pk_form_uses')),
    )
    op.create_index('ix_form_uses_until', 'form_uses', ['until'])
    op.add_column('one_time_links', sa.Column('delivery_id', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column('one_time_links', 'delivery_id')
    op.drop_table('form_uses')
    op.drop_table('confirmation_mails')
