"""what comes back of mails, probes, and suppressions that were lifted

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

from newsletter.db import UtcDateTime

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'bounces',
        sa.Column('id', ID, nullable=False),
        sa.Column('source_key', sa.String(length=80), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.Column('kind', sa.String(length=64), nullable=False),
        sa.Column('origin', sa.String(length=64), nullable=False),
        sa.Column('delivery_id', sa.BigInteger(), nullable=True),
        sa.Column('subscriber_id', sa.BigInteger(), nullable=True),
        sa.Column('domain', sa.String(length=255), nullable=False),
        sa.Column('status', sa.String(length=64), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.Column('followed', sa.Text(), nullable=False),
        sa.Column('state_before', sa.String(length=64), nullable=False),
        sa.Column('raw', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ['delivery_id'], ['deliveries.id'], name=op.f('fk_bounces_delivery_id_deliveries'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['subscriber_id'], ['subscribers.id'], name=op.f('fk_bounces_subscriber_id_subscribers'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_bounces')),
        sa.UniqueConstraint('source_key', name=op.f('uq_bounces_source_key')),
    )
    for column in ('at', 'delivery_id', 'subscriber_id'):
        op.create_index(op.f(f'ix_bounces_{column}'), 'bounces', [column])
    op.create_table(
        'lifted_suppressions',
        sa.Column('id', ID, nullable=False),
        sa.Column('address_key', sa.String(length=64), nullable=False),
        sa.Column('reason', sa.String(length=64), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.Column('lifted_at', UtcDateTime(), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_lifted_suppressions')),
    )
    op.create_index(op.f('ix_lifted_suppressions_address_key'), 'lifted_suppressions', ['address_key'])
    op.create_index('ix_deliveries_message_id', 'deliveries', ['message_id'])
    op.add_column('subscribers', sa.Column('probe_at', UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column('subscribers', 'probe_at')
    op.drop_index('ix_deliveries_message_id', 'deliveries')
    op.drop_table('lifted_suppressions')
    op.drop_table('bounces')
