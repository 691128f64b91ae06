"""the licences of papers from servers that name one

Revision ID: 0005
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('papers', sa.Column('licence', sa.String(length=64), server_default='', nullable=False))


def downgrade() -> None:
    # Not in a batch: on SQLite that would drop the table of papers, and with it all that hangs on them.
    op.drop_column('papers', 'licence')
