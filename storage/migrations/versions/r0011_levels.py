"""How much of a subject a reader wants: what was muted is off, and there is less and more."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NEW = ("muted_sources", "less", "more", "less_sources", "more_sources")
"""Fields of tastes."""


def upgrade() -> None:
    """Make the table of levels from that of mutes."""
    op.create_table(
        "levels",
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("followed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("alerts", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("subscriber_id", "kind", "value", name="pk_levels"),
        _of_subscribers("fk_levels_subscriber_id"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO levels (subscriber_id, kind, value, level) "
        "SELECT subscriber_id, kind, value, 'off' FROM mutes"
    )
    op.drop_table("mutes")


def downgrade() -> None:
    """Mute what is off; that program knows neither less nor more, nor sources."""
    op.create_table(
        "mutes",
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "kind", "value", name="pk_mutes"),
        _of_subscribers("fk_mutes_subscriber_id"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO mutes (subscriber_id, kind, value) "
        "SELECT subscriber_id, kind, value FROM levels "
        "WHERE level = 'off' AND kind IN ('category', 'word')"
    )
    op.drop_table("levels")
    _forget_levels()


def _forget_levels() -> None:
    """Leave in each taste what that program knows, under the key that it has for it."""
    connection = op.get_bind()
    tastes = sa.table("tastes", sa.column("key"), sa.column("spec"))
    for key, spec in connection.execute(sa.select(tastes.c.key, tastes.c.spec)).all():
        chosen = json.loads(spec)
        known = {name: values for name, values in chosen.items() if name not in NEW}
        if known == chosen:
            continue
        text = json.dumps(known, ensure_ascii=False, separators=(",", ":"))
        its = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        if connection.execute(sa.select(tastes.c.key).where(tastes.c.key == its)).first() is None:
            connection.execute(sa.insert(tastes).values(key=its, spec=text))
        for name in ("subscribers", "deliveries"):
            table = sa.table(name, sa.column("taste_key"))
            connection.execute(
                sa.update(table).where(table.c.taste_key == key).values(taste_key=its)
            )
        connection.execute(sa.delete(tastes).where(tastes.c.key == key))


def _of_subscribers(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["subscriber_id"], ["subscribers.id"], name=name, ondelete="CASCADE"
    )
