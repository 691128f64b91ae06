"""what each import of a list stored, so that it can be taken back

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from newsletter.db import UtcDateTime

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')


def upgrade() -> None:
    op.create_table(
        'list_imports',
        sa.Column('id', _ID, nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('format', sa.String(length=64), nullable=False),
        sa.Column('page', sa.Text(), nullable=False),
        sa.Column('slugs', _JSON, nullable=False),
        sa.Column('upto', sa.BigInteger(), nullable=False),
        sa.Column('imported_at', UtcDateTime(), nullable=False),
        sa.Column('undone_at', UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_list_imports')),
    )
    op.create_table(
        'imported',
        sa.Column('import_id', _ID, nullable=False),
        sa.Column('paper_id', _ID, nullable=False),
        sa.Column('kind', sa.String(length=64), nullable=False),
        sa.Column('key', sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ['import_id'], ['list_imports.id'], name=op.f('fk_imported_import_id_list_imports'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_imported_paper_id_papers'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('import_id', 'paper_id', 'kind', 'key', name=op.f('pk_imported')),
    )
    op.create_index(op.f('ix_imported_paper_id'), 'imported', ['paper_id'])


def downgrade() -> None:
    op.drop_table('imported')
    op.drop_table('list_imports')
