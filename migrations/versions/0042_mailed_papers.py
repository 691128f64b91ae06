"""in how many digests of a day a paper stood, and where

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'mailed_papers',
        sa.Column('paper_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('readers', sa.Integer(), nullable=False),
        sa.Column('place', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_mailed_papers_paper_id_papers'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('paper_id', 'day', name=op.f('pk_mailed_papers')),
    )


def downgrade() -> None:
    op.drop_table('mailed_papers')
