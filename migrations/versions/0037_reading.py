"""papers to read later, votes against topics, and the mails of the week and of the reading list

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'reading_list',
        sa.Column('subscriber_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('paper_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_reading_list_paper_id_papers'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['subscriber_id'], ['subscribers.id'], name=op.f('fk_reading_list_subscriber_id_subscribers'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('subscriber_id', 'paper_id', name=op.f('pk_reading_list')),
    )
    op.create_index(op.f('ix_reading_list_paper_id'), 'reading_list', ['paper_id'])
    op.create_table(
        'off_topic',
        sa.Column('subscriber_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('paper_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('topic', sa.String(length=64), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_off_topic_paper_id_papers'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['subscriber_id'], ['subscribers.id'], name=op.f('fk_off_topic_subscriber_id_subscribers'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('subscriber_id', 'paper_id', 'topic', name=op.f('pk_off_topic')),
    )
    op.create_index(op.f('ix_off_topic_paper_id'), 'off_topic', ['paper_id'])
    op.add_column('subscribers', sa.Column('weekly', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('subscribers', sa.Column('reading_mail', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column('subscribers', 'reading_mail')
    op.drop_column('subscribers', 'weekly')
    op.drop_table('off_topic')
    op.drop_table('reading_list')
