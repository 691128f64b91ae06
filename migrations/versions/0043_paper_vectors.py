"""a paper keeps the vector that the language model made of it, where one is installed

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('papers', sa.Column('vector', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column('papers', 'vector')
