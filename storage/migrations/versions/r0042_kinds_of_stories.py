"""The kind and the weight of a story, as learned and as an editor chose them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
oldest_program = "0041"

COLUMNS = {
    "articles": {"story_kind": sa.Text(), "kind_certainty": sa.Double(), "weight": sa.Double()},
    "amendments": {"story_kind": sa.Text(), "weight": sa.Double()},
    "labels": {"kind": sa.Text(), "weight": sa.Double()},
}
INDEX = "ix_articles_unweighed"


def upgrade() -> None:
    """Add the columns, without a value, and the index of articles that wait for one."""
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind))
    where = sa.text("weight IS NULL")
    op.create_index(INDEX, "articles", ["first_seen"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(INDEX, "articles")
    for table, columns in COLUMNS.items():
        for name in columns:
            op.drop_column(table, name)
