"""Fixtures for every test."""

from __future__ import annotations

import gc
import os
import socket
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

if TYPE_CHECKING:
    from collections.abc import Iterator

# How long an example takes says more of what else the machine does than of the code.
EACH_TIME = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples in every run, so that none fails by chance; --hypothesis-profile=thorough looks
# for others, many at once.
settings.register_profile("on-news", EACH_TIME, max_examples=40, derandomize=True)
settings.register_profile("thorough", EACH_TIME, max_examples=1_000)
settings.load_profile("on-news")

LONG = ("tests/journeys/", "tests/bot/test_demo.py")
"""Tests that take long, often waiting for processes."""

pytest_plugins = [
    "tests.plugins.databases",
    "tests.plugins.archive",
    "tests.plugins.browser",
    "tests.plugins.figures",
    "tests.plugins.workers",
    "tests.plugins.fork_server",
]


def pytest_configure(config: pytest.Config) -> None:
    """Keep Hypothesis from drawing the constants of all modules that happen to be loaded.

    The examples of a test would depend on which other tests ran before, and reading a thousand
    modules for their constants takes each of xdist's workers a second.
    """
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    patch.setattr(providers, "_get_local_constants", lambda: providers._local_constants)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the long tests over the first half of what each of xdist's workers runs.

    xdist gives each worker an equal part of the list. If a worker began a long test when the others
    had nothing left, they would wait for it. Together at the start, the long tests would slow down
    each other.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.nodeid.startswith(LONG)]
    others = [item for item in items if not item.nodeid.startswith(LONG)]
    items.clear()
    for worker in range(workers):
        own = long[worker::workers]
        size = len(others) // (workers - worker)
        part, others = others[:size], others[size:]
        for number, item in enumerate(own):
            part.insert(number * len(part) // (2 * len(own)), item)
        items += part


def pytest_collection(session: pytest.Session) -> None:
    """Collect no garbage while tests and code are loaded, which live as long as the run."""
    gc.disable()
    worker = getattr(session.config, "workerinput", None)
    if worker is not None and session.config.args == session.config.getini("testpaths"):
        _import_tests(int(worker["workerid"][2:]), worker["workercount"])


def _import_tests(worker: int, workers: int) -> None:
    """Import every test module, beginning elsewhere than the other workers of xdist.

    Compiling a module's assertions takes longer than all else of its import. So each worker
    compiles a part, while the others compile theirs, and finds the bytecode of their modules.
    """
    here = Path(__file__).parent
    names = sorted(
        ".".join(path.relative_to(here.parent).with_suffix("").parts)
        for path in here.rglob("test_*.py")
    )
    first = worker * len(names) // workers
    for name in names[first:] + names[:first]:
        # A module that cannot be imported is reported when its tests are collected.
        with suppress(Exception, pytest.skip.Exception):
            import_module(name)


def pytest_collection_finish() -> None:
    """Exclude objects that live as long as the run from garbage collection: tests and code."""
    gc.freeze()
    gc.enable()
    # With Python's own thresholds a tenth of the time would be spent on collections.
    gc.set_threshold(50_000, 10, 100)


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Raise the time limits of workers, searches and the like, since tests run in parallel."""
    with pytest.MonkeyPatch.context() as patch:
        for seconds in (
            *("newsroom.READ_SECONDS", "sources.discover.SECONDS", "page_reader.SECONDS"),
            "fetch.fetcher.CONNECT_SECONDS",
        ):
            patch.setattr(f"news.{seconds}", 120.0)
        patch.setattr("handlers.typed.places.PATIENCE", 120.0)
        patch.setattr("storage.articles.searching.SECONDS", 120.0)
        # A server that has much else to do is there all the same, and a ledger is written at last.
        patch.setattr("storage.db.postgres.ANSWER", 120.0)
        patch.setattr("digest.editions.past_editions.LOOKS", 600)
        patch.setattr("playground.chat_page.page.ANSWER_SECONDS", 60.0)
        # On a busy machine the lowest priority may not get a turn within a minute.
        patch.setattr("workers.pool.NICENESS", 0)
        # Objects exempt from garbage collection would outlive the test that starts a bot.
        patch.setattr("bot.app.keep_what_is_there", lambda: None)
        # No power fails while tests run, and a slow disk would delay each commit of each test.
        patch.setattr("storage.db.sqlite.engines.COMMITTED", "OFF")
        yield


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Reserve a port on which nobody listens while the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
