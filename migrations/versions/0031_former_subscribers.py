"""the keyed hashes of addresses that left, once their rows are gone; the network of a consent

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'former_subscribers',
        sa.Column('address_key', sa.String(length=64), nullable=False),
        sa.Column('left_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('address_key', name=op.f('pk_former_subscribers')),
    )
    op.add_column('consents', sa.Column('network', sa.String(length=64), server_default='', nullable=False))


def downgrade() -> None:
    op.drop_column('consents', 'network')
    op.drop_table('former_subscribers')
