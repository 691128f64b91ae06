"""own queries of subscribers, and the order of replacements

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('queries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('matched', sa.Boolean(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_queries')),
    sa.UniqueConstraint('key', name=op.f('uq_queries_key'))
    )
    op.create_table('own_queries',
    sa.Column('subscriber_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('query_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['query_id'], ['queries.id'], name=op.f('fk_own_queries_query_id_queries')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscribers.id'], name=op.f('fk_own_queries_subscriber_id_subscribers'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('subscriber_id', 'kind', 'query_id', name=op.f('pk_own_queries'))
    )
    with op.batch_alter_table('own_queries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_own_queries_query_id'), ['query_id'], unique=False)
    op.add_column('papers', sa.Column('replaced_number', sa.BigInteger(), nullable=True))
    op.create_index(op.f('ix_papers_replaced_number'), 'papers', ['replaced_number'], unique=False)
    op.add_column('subscribers', sa.Column('updates', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    # Not in a batch: on SQLite that would drop the table of subscribers, and with it all that hangs on them.
    op.drop_column('subscribers', 'updates')
    op.drop_index(op.f('ix_papers_replaced_number'), 'papers')
    op.drop_column('papers', 'replaced_number')
    with op.batch_alter_table('own_queries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_own_queries_query_id'))

    op.drop_table('own_queries')
    op.drop_table('queries')
    op.execute("DELETE FROM matches WHERE topic LIKE 'q:%'")
