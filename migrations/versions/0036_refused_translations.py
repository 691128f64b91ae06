"""the last refused answer to each text, with the reasons

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'refused_translations',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('paper_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('field', sa.String(length=64), nullable=False),
        sa.Column('language', sa.String(length=64), nullable=False),
        sa.Column('source_hash', sa.String(length=64), nullable=False),
        sa.Column('engine', sa.String(length=64), nullable=False),
        sa.Column('reasons', sa.Text(), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['paper_id'], ['papers.id'], name=op.f('fk_refused_translations_paper_id_papers'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_refused_translations')),
        sa.UniqueConstraint(
            'paper_id', 'language', 'field', name=op.f('uq_refused_translations_paper_id_language_field')
        ),
    )


def downgrade() -> None:
    op.drop_table('refused_translations')
