"""own files: the operator's catalogue, glossaries and model of the topics, by version

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

from newsletter.db import UtcDateTime

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'own_files',
        sa.Column('name', sa.String(length=64), nullable=False),
        sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('given_by', sa.String(length=64), nullable=False),
        sa.Column('given_at', UtcDateTime(), nullable=False),
        sa.Column('undone_by', sa.String(length=64), nullable=False),
        sa.Column('undone_at', UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint('name', 'number', name=op.f('pk_own_files')),
    )


def downgrade() -> None:
    op.drop_table('own_files')
