"""The end of PostgreSQL's sessions whose client fell silent in the middle of a request."""

from __future__ import annotations

from sqlalchemy import text

END_SILENT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user"
    " AND application_name = current_setting('application_name')"
    " AND state = 'active'"
    " AND (wait_event = 'ClientRead' OR wait_event = 'ClientWrite' AND backend_xid IS NOT NULL)"
    " AND state_change < clock_timestamp() - make_interval(secs => :seconds)"
    " AND pid <> pg_backend_pid()"
)
"""Ends the sessions of this program that have waited for their client in a request `seconds` long.

A process that is frozen while it writes a request, or before it has read a long answer, leaves a
transaction that the server does not count as idle. `idle_in_transaction_session_timeout` never ends
it, and its locks would stay for ever. Sessions that only read, as a backup does, are let be while
they send. A role may end its own sessions without further rights.
"""
