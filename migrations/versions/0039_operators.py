"""roles and second factors of operators, and a note of each of their acts

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from newsletter.db import UtcDateTime

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
    # Whoever could log in before could do everything.
    op.add_column('admins', sa.Column('role', sa.String(length=64), server_default='owner', nullable=False))
    op.add_column('admins', sa.Column('code_key', sa.Text(), server_default='', nullable=False))
    op.add_column('admins', sa.Column('code_step', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('admins', sa.Column('recovery', json, server_default='[]', nullable=False))
    op.create_table(
        'acts',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.Column('who', sa.String(length=64), nullable=False),
        sa.Column('what', sa.String(length=64), nullable=False),
        sa.Column('address_key', sa.String(length=64), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_acts')),
    )
    op.create_index(op.f('ix_acts_address_key'), 'acts', ['address_key'])


def downgrade() -> None:
    op.drop_table('acts')
    op.drop_column('admins', 'recovery')
    op.drop_column('admins', 'code_step')
    op.drop_column('admins', 'code_key')
    op.drop_column('admins', 'role')
