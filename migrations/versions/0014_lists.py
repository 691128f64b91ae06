"""published lists: the list, its topics, its blocks with their papers

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')
    op.create_table(
        'lists',
        sa.Column('id', number, nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('family', sa.String(length=64), nullable=False),
        sa.Column('hash', sa.String(length=64), nullable=False),
        sa.Column('upto', sa.BigInteger(), nullable=False),
        sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_lists')),
        sa.UniqueConstraint('name', name=op.f('uq_lists_name')),
    )
    op.create_index(op.f('ix_lists_hash'), 'lists', ['hash'])
    op.create_table(
        'list_topics',
        sa.Column('list_id', number, nullable=False),
        sa.Column('place', sa.Integer(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('slug', sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(['list_id'], ['lists.id'], name=op.f('fk_list_topics_list_id_lists'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('list_id', 'place', name=op.f('pk_list_topics')),
    )
    op.create_table(
        'list_blocks',
        sa.Column('list_id', number, nullable=False),
        sa.Column('place', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=64), nullable=False),
        sa.Column('line', sa.Integer(), nullable=False),
        sa.Column('topic', sa.Integer(), nullable=True),
        sa.Column('paper_id', number, nullable=True),
        sa.Column('announce_type', sa.String(length=64), nullable=False),
        sa.Column('pieces', json, nullable=False),
        sa.ForeignKeyConstraint(['list_id'], ['lists.id'], name=op.f('fk_list_blocks_list_id_lists'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_list_blocks_paper_id_papers'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('list_id', 'place', name=op.f('pk_list_blocks')),
    )
    op.create_index(op.f('ix_list_blocks_paper_id'), 'list_blocks', ['paper_id'])


def downgrade() -> None:
    op.drop_table('list_blocks')
    op.drop_table('list_topics')
    op.drop_table('lists')
