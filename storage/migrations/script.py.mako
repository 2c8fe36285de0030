"""${message}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from storage.tables.columns import Utc
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
# The oldest revision whose program works on these tables (docs/decisions/0028).
oldest_program = ${repr(up_revision)}


def upgrade() -> None:
    """Go one revision up."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Go one revision down."""
    ${downgrades if downgrades else "pass"}
