"""A trial stops after the first document that uses up a worker's time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from news.fetch.fetcher import Fetcher
from news.sources.discover import try_source
from tests.news.conftest import NOW

if TYPE_CHECKING:
    import pytest

    from tests.news.conftest import Site
    from workers.pool import Workers

ATTRIBUTES = " ".join(f'a{number}=">"' for number in range(150_000))


async def test_a_site_that_overruns_is_not_asked_again_in_the_trial(
    site: Site, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("news.sources.discover.PROCESSOR", 1)
    monkeypatch.setattr("news.sources.discover.SECONDS", 600.0)
    page = f"<html><body><div {ATTRIBUTES}>x</div></body></html>"
    url = site.serve("/", page, Content_Type="text/html")
    async with Fetcher(allow_private=True, timeout=600) as fetcher:
        found = await try_source(url, fetcher, workers, NOW)
    assert found.problem.endswith("took longer than 1 s")
