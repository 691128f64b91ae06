"""what operators say of papers and topics: marks

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'topic_marks',
        sa.Column('paper_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('topic', sa.String(length=64), nullable=False),
        sa.Column('is_right', sa.Boolean(), nullable=False),
        sa.Column('who', sa.String(length=64), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_topic_marks_paper_id_papers'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('paper_id', 'topic', name=op.f('pk_topic_marks')),
    )


def downgrade() -> None:
    op.drop_table('topic_marks')
