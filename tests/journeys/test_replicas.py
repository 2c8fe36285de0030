"""Three replicas as real processes, of which any may die while people talk with the bot.

The same journey runs with PgBouncer and nginx, as configured for compose.replicas.yaml.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from bench.rigs.replicas.proxies import missing, proxies
from bench.rigs.replicas.replicated import next_port
from tests.journeys.dying_replicas import die_one_after_another
from tests.journeys.forked_program import ForkedProgram

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.harness.postgresql import DatabaseServer
    from tests.plugins.fork_server import ForkServer


async def test_replicas_that_are_killed_frozen_or_cut_off_leave_nobody_without_an_answer(
    postgresql_url: str,
    mortal: DatabaseServer,
    fork_server: ForkServer,
    record_property: Callable[[str, object], None],
) -> None:
    async def outage() -> None:
        mortal.kill()
        mortal.start()

    outcome = await die_one_after_another(
        postgresql_url, mortal.socket, outage, program=ForkedProgram(fork_server=fork_server)
    )
    record_property("figures", str(outcome))
    outcome.check()


@pytest.mark.skipif(bool(missing()), reason=missing())
async def test_with_pgbouncer_and_nginx_between_nobody_stays_without_an_answer_either(
    postgresql_url: str,
    mortal: DatabaseServer,
    fork_server: ForkServer,
    record_property: Callable[[str, object], None],
) -> None:
    folder, database = Path(mortal.folder), make_url(postgresql_url).database or ""
    async with proxies(folder, database, next_port(), 3) as between:

        async def outage() -> None:
            await between.pgbouncer.kill()
            await between.pgbouncer.start()

        outcome = await die_one_after_another(
            *(postgresql_url, mortal.socket, outage),
            program=ForkedProgram(fork_server=fork_server),
            between=between,
        )
    record_property("figures", str(outcome))
    outcome.check()
