"""The end of PostgreSQL's sessions whose client fell silent in the middle of a request."""

from __future__ import annotations

from sqlalchemy import text

END_SILENT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user"
    " AND application_name = current_setting('application_name')"
    " AND (state = 'active' AND wait_event = 'ClientRead'"
    " OR state = 'active' AND wait_event = 'ClientWrite' AND backend_xid IS NOT NULL"
    " OR state LIKE 'idle in transaction%' AND wait_event = 'ClientRead'"
    " AND (backend_xid IS NOT NULL OR EXISTS (SELECT FROM pg_locks"
    " WHERE pg_locks.pid = pg_stat_activity.pid AND locktype = 'advisory')))"
    " AND state_change < clock_timestamp() - make_interval(secs => :seconds)"
    " AND pid <> pg_backend_pid()"
)
"""Ends the sessions of this program that have waited for their client in a request `seconds` long.

A process that is frozen while it writes a request, or before it has read a long answer, leaves a
transaction that the server does not count as idle. `idle_in_transaction_session_timeout` never ends
it, and its locks would stay for ever. Some are shown as idle nevertheless: PgBouncer passes on only
the end of a request that the session has prepared before, and the timeout stops at its first byte.

Sessions that only read, as a backup does, are let be while they send or are shown as idle. So are
those that `MAY_PAUSE` names otherwise. A role may end its own sessions without further rights.
"""

MAY_PAUSE = text(
    "SELECT set_config('idle_in_transaction_session_timeout', '0', true),"
    " set_config('application_name',"
    " left(current_setting('application_name'), 50) || ' migration', true)"
)
"""Lets a transaction pause for long: the server does not end it, and neither does `END_SILENT`.

It has another name for that until it ends.
"""
