"""the search index: texts as terms, FTS5 or GIN over them, and triggers that take away what has changed

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

ON_SQLITE = (
    "CREATE VIRTUAL TABLE search_index USING fts5(words, content='search_texts', content_rowid='id', tokenize='ascii')",
    "CREATE TRIGGER search_texts_in AFTER INSERT ON search_texts BEGIN"
    " INSERT INTO search_index(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER search_texts_out AFTER DELETE ON search_texts BEGIN"
    " INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER search_paper_changed AFTER UPDATE OF title, abstract ON papers"
    " WHEN old.title <> new.title OR old.abstract <> new.abstract BEGIN"
    " DELETE FROM search_texts WHERE paper_id = new.id AND language = 'en'; END",
    "CREATE TRIGGER search_translation_in AFTER INSERT ON translations BEGIN"
    " DELETE FROM search_texts WHERE paper_id = new.paper_id AND language = new.language; END",
    "CREATE TRIGGER search_translation_changed AFTER UPDATE OF text ON translations BEGIN"
    " DELETE FROM search_texts WHERE paper_id = new.paper_id AND language = new.language; END",
)
ON_POSTGRESQL = (
    "CREATE INDEX ix_search_texts_words ON search_texts USING gin (to_tsvector('simple', words))",
    "CREATE FUNCTION search_paper_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " DELETE FROM search_texts WHERE paper_id = new.id AND language = 'en'; RETURN NULL; END $$",
    "CREATE FUNCTION search_translation_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " DELETE FROM search_texts WHERE paper_id = new.paper_id AND language = new.language; RETURN NULL; END $$",
    "CREATE TRIGGER search_paper_changed AFTER UPDATE OF title, abstract ON papers FOR EACH ROW"
    " WHEN (old.title <> new.title OR old.abstract <> new.abstract) EXECUTE FUNCTION search_paper_changed()",
    "CREATE TRIGGER search_translation_changed AFTER INSERT OR UPDATE OF text ON translations FOR EACH ROW"
    " EXECUTE FUNCTION search_translation_changed()",
)
OFF_SQLITE = ('search_paper_changed', 'search_translation_in', 'search_translation_changed')


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table(
        'search_texts',
        sa.Column('id', number, nullable=False),
        sa.Column('paper_id', number, nullable=False),
        sa.Column('language', sa.String(length=64), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ['paper_id'], ['papers.id'], name=op.f('fk_search_texts_paper_id_papers'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_search_texts')),
        sa.UniqueConstraint('paper_id', 'language', name=op.f('uq_search_texts_paper_id_language')),
    )
    for statement in ON_POSTGRESQL if op.get_bind().dialect.name == 'postgresql' else ON_SQLITE:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("DROP TRIGGER search_paper_changed ON papers")
        op.execute("DROP TRIGGER search_translation_changed ON translations")
        op.execute("DROP FUNCTION search_paper_changed()")
        op.execute("DROP FUNCTION search_translation_changed()")
        op.drop_table('search_texts')
        return
    for name in OFF_SQLITE:
        op.execute(f"DROP TRIGGER {name}")
    op.drop_table('search_texts')
    op.execute("DROP TABLE search_index")
