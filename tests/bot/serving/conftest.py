"""Fixtures for tests of several replicas."""

from __future__ import annotations

import pytest

from bot.serving import replica

SILENT = 20.0
"""Seconds of silence after which a replica is removed: more than a busy machine stands still."""
USUAL = 4.0
"""The same of replicas on PostgreSQL outside of tests."""


@pytest.fixture
def usual_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a replica that may be silent for `SILENT` send its heartbeats as often as usual."""
    for name in ("OFTEN", "HURRY"):
        monkeypatch.setattr(replica, name, vars(replica)[name] * USUAL / SILENT)
