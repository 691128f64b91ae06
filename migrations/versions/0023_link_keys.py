"""links name a subscriber by a key that is never given twice; those of mails already sent go on holding for who was there

Revision ID: 0023
Revises: 0022
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

# 64 random bits with their sign.
KEYS = {
    'sqlite': 'random()',
    'postgresql': "('x' || right(md5(gen_random_uuid()::text || gen_random_uuid()::text), 16))::bit(64)::bigint",
}


def upgrade() -> None:
    connection = op.get_bind()
    op.add_column('subscribers', sa.Column('link_key', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('subscribers', sa.Column('old_link_id', sa.BigInteger(), nullable=True))
    key = KEYS[connection.dialect.name]
    connection.execute(sa.text(f'UPDATE subscribers SET link_key = {key}, old_link_id = id'))  # noqa: S608 - words of our own
    op.create_index('ix_subscribers_link_key', 'subscribers', ['link_key'], unique=True)
    op.create_index('ix_subscribers_old_link_id', 'subscribers', ['old_link_id'], unique=True)
    _keep_the_time(connection)


def _keep_the_time(connection: sa.Connection) -> None:
    """Mails planned up to now went out with links of the old form; a database without any holds none."""
    deliveries = sa.table('deliveries', sa.column('id'))
    if connection.scalar(sa.select(deliveries.c.id).limit(1)) is None:
        return
    now = dt.datetime.now(dt.UTC)
    switches = sa.table('switches', sa.column('name'), sa.column('value', sa.JSON()), sa.column('changed_at', sa.DateTime(True)))
    connection.execute(switches.insert().values(name='links_renewed', value=now.isoformat(), changed_at=now))


def downgrade() -> None:
    op.drop_index('ix_subscribers_old_link_id', table_name='subscribers')
    op.drop_index('ix_subscribers_link_key', table_name='subscribers')
    op.drop_column('subscribers', 'old_link_id')
    op.drop_column('subscribers', 'link_key')
    op.execute("DELETE FROM switches WHERE name = 'links_renewed'")
