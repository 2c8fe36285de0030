"""A bot with an operator, an editor of EDITOR_IDS, and readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.handlers.conftest import hurried, opened
from tests.news.conftest import site  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.people.people import Person
    from playground.server import Playground
    from tests.handlers.conftest import Bureau, Clock


@dataclass
class Newsdesk:
    """The bot, its operator and its editor, both past the newcomer's journey."""

    bureau: Bureau
    olga: Person
    """The operator."""
    eva: Person
    """The editor, in EDITOR_IDS."""


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated database: SQLite, unless the test names the kind."""
    url: str = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")
    return url


@pytest.fixture
def public_only() -> bool:
    """Whether private addresses are refused; a test may say so by a parameter."""
    return False


@pytest.fixture
async def newsdesk(
    database_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, *, public_only: bool
) -> AsyncIterator[Newsdesk]:
    """The bot with an operator and an editor; every request to Telegram must be valid."""
    monkeypatch.setattr("handlers.updates.update_answer.TAP_PATIENCE", 60.0)
    # A busy machine may take longer to read a page.
    monkeypatch.setattr("news.page_reader.ASKED_SECONDS", 120.0)
    monkeypatch.setattr("news.page_reader.PROCESSOR", 60)
    people: dict[str, Person] = {}

    def set_up(town: Playground) -> dict[str, Any]:
        people.update(olga=town.person("Olga"), eva=town.person("Eva"))
        return {
            "admin_ids": (people["olga"].id,),
            "editor_ids": (people["eva"].id,),
            "allow_private_sources": not public_only,
        }

    async with opened(database_url, clock, hurried(), set_up=set_up) as bureau:
        await bureau.desk.print_("Bentley adds a wing to Mulliner", "bentley", "motor")
        for person in people.values():
            await person.start()
            await person.next()
        yield Newsdesk(bureau, **people)
        assert bureau.town.violations == []
