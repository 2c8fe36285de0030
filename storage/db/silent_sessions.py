"""The end of PostgreSQL's sessions whose client fell silent in the middle of a request."""

from __future__ import annotations

from sqlalchemy import text

END_SILENT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user"
    " AND application_name = current_setting('application_name')"
    " AND state = 'active' AND wait_event = 'ClientRead'"
    " AND state_change < clock_timestamp() - make_interval(secs => :seconds)"
    " AND pid <> pg_backend_pid()"
)
"""Ends the sessions of this program that have waited `seconds` for the rest of a request.

A process that is frozen while it writes a request leaves a transaction that the server does not
count as idle, so `idle_in_transaction_session_timeout` never ends it, and its locks would stay for
ever. A role may end its own sessions without further rights.
"""
