"""how much of a paper a reader's mails show, and how many papers they may hold

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: on SQLite that would drop the table of subscribers, and with it all that hangs on them.
    op.add_column('subscribers', sa.Column('layout', sa.String(length=64), server_default='standard', nullable=False))
    # Mails hold 5 to 50 papers from here on; earlier choices outside of that count as the nearest.
    op.execute('UPDATE subscribers SET max_papers = 5 WHERE max_papers < 5')
    op.execute('UPDATE subscribers SET max_papers = 50 WHERE max_papers > 50')


def downgrade() -> None:
    op.drop_column('subscribers', 'layout')
