"""logins stand in the database, so that logging out and a new password end them wherever their cookie is

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from newsletter.db import UtcDateTime

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'logins',
        sa.Column('key', sa.String(64), nullable=False),
        sa.Column('kind', sa.String(64), nullable=False),
        sa.Column('who', sa.BigInteger(), nullable=False),
        sa.Column('began_at', UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('key', name='pk_logins'),
    )


def downgrade() -> None:
    op.drop_table('logins')
