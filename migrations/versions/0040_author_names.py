"""names of authors by key; the next fetch fills them in for the papers that are stored, a batch a transaction

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'author_names',
        sa.Column('paper_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('key', sa.String(length=160), nullable=False),
        sa.Column('initials', sa.String(length=160), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_author_names_paper_id_papers'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('paper_id', 'key', name=op.f('pk_author_names')),
    )
    op.create_index(op.f('ix_author_names_initials'), 'author_names', ['initials'])
    op.create_index(op.f('ix_author_names_key_paper_id'), 'author_names', ['key', 'paper_id'])


def downgrade() -> None:
    op.drop_table('author_names')
