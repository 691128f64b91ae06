"""mails of a domain are found by two indexes, without a look at their rows

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None

DOMAIN = {'sqlite': "substr(email_key, instr(email_key, '@') + 1)", 'postgresql': "split_part(email_key, '@', 2)"}


def upgrade() -> None:
    domain = sa.text(DOMAIN[op.get_bind().dialect.name])
    op.create_index('ix_subscribers_domain', 'subscribers', [domain, 'email_key', 'id'])
    op.create_index(
        'ix_deliveries_kind_period_state_id_subscriber_id', 'deliveries', ['kind', 'period', 'state', 'id', 'subscriber_id']
    )
    op.drop_index('ix_deliveries_kind_period_state_id', 'deliveries')


def downgrade() -> None:
    op.create_index('ix_deliveries_kind_period_state_id', 'deliveries', ['kind', 'period', 'state', 'id'])
    op.drop_index('ix_deliveries_kind_period_state_id_subscriber_id', 'deliveries')
    op.drop_index('ix_subscribers_domain', 'subscribers')
