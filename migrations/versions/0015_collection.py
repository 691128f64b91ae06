"""the collection: nodes, their changes, comments

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')
    op.create_table(
        'collection_nodes',
        sa.Column('id', number, nullable=False),
        sa.Column('parent_id', number, nullable=True),
        sa.Column('place', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=64), nullable=False),
        sa.Column('level', sa.Integer(), nullable=False),
        sa.Column('title', sa.Text(), nullable=False),
        sa.Column('url', sa.Text(), nullable=False),
        sa.Column('dated', sa.Text(), nullable=False),
        sa.Column('heading', sa.Text(), nullable=False),
        sa.Column('pieces', json, nullable=False),
        sa.Column('paper_ref', sa.String(length=64), nullable=False),
        sa.Column('picked_by', sa.Text(), nullable=False),
        sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('number', sa.BigInteger(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('origin', sa.String(length=64), nullable=False),
        sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ['parent_id'], ['collection_nodes.id'], name=op.f('fk_collection_nodes_parent_id_collection_nodes')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_collection_nodes')),
    )
    op.create_index('ix_collection_nodes_parent_id_place', 'collection_nodes', ['parent_id', 'place'])
    for column in ('number', 'origin', 'paper_ref'):
        op.create_index(op.f(f'ix_collection_nodes_{column}'), 'collection_nodes', [column])
    op.create_table(
        'collection_changes',
        sa.Column('id', number, nullable=False),
        sa.Column('node_id', number, nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('what', sa.String(length=64), nullable=False),
        sa.Column('before', json, nullable=False),
        sa.Column('after', json, nullable=False),
        sa.Column('who', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('undoes', number, nullable=True),
        sa.ForeignKeyConstraint(
            ['node_id'], ['collection_nodes.id'], name=op.f('fk_collection_changes_node_id_collection_nodes'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['undoes'], ['collection_changes.id'], name=op.f('fk_collection_changes_undoes_collection_changes'),
            ondelete='SET NULL',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_collection_changes')),
    )
    op.create_index(op.f('ix_collection_changes_node_id'), 'collection_changes', ['node_id'])
    op.create_table(
        'collection_comments',
        sa.Column('id', number, nullable=False),
        sa.Column('node_id', number, nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('who', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['node_id'], ['collection_nodes.id'], name=op.f('fk_collection_comments_node_id_collection_nodes'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_collection_comments')),
    )
    op.create_index(op.f('ix_collection_comments_node_id'), 'collection_comments', ['node_id'])


def downgrade() -> None:
    op.drop_table('collection_comments')
    op.drop_table('collection_changes')
    op.drop_table('collection_nodes')
