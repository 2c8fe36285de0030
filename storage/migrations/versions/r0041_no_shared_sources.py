"""No tables by which replicas shared the sources out: the one that sends asks them all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
oldest_program = "0041"

TABLES = ("host_pauses", "host_shards", "host_visits", "read_documents")


def upgrade() -> None:
    """Drop them, on PostgreSQL only."""
    if op.get_context().dialect.name == "postgresql":
        for table in TABLES:
            op.drop_table(table)
        op.drop_column("replicas", "shares_hosts")


def downgrade() -> None:
    """Create them again as they were."""
    if op.get_context().dialect.name == "postgresql":
        scripts = op.get_context().script
        first = scripts.get_revision("0040").module  # type: ignore[union-attr]  # it runs these
        for statement in first.statements():
            if statement.split()[2].removeprefix("ix_").startswith(TABLES):
                op.execute(statement)
        sharing = sa.Column("shares_hosts", sa.Boolean, nullable=False, server_default=sa.false())
        op.add_column("replicas", sharing)
