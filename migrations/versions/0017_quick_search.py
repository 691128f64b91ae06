"""search looks at the newest papers first, and in PostgreSQL at vectors that are stored

Revision ID: 0017
Revises: 0015
"""

from alembic import op

revision = '0017'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_papers_announced_on_number', 'papers', ['announced_on', 'number'])
    op.drop_index(op.f('ix_papers_announced_on'), 'papers')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("DROP INDEX ix_search_texts_words")
        op.execute(
            "ALTER TABLE search_texts ADD COLUMN vector tsvector GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED"
        )
        op.execute("CREATE INDEX ix_search_texts_words ON search_texts USING gin (vector)")


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("DROP INDEX ix_search_texts_words")
        op.execute("ALTER TABLE search_texts DROP COLUMN vector")
        op.execute("CREATE INDEX ix_search_texts_words ON search_texts USING gin (to_tsvector('simple', words))")
    op.create_index(op.f('ix_papers_announced_on'), 'papers', ['announced_on'])
    op.drop_index('ix_papers_announced_on_number', 'papers')
