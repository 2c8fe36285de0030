"""The bot with few file descriptors, one source, and `/healthz` on a free port.

`python -m tests.plugins.limited_bot DESCRIPTORS FEED NAME=VALUE …` serves until it is stopped; the
arguments after the feed are settings.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from dataclasses import replace

from bot.configuration.settings import load
from bot.process import logs
from bot.run import serve
from storage.model.source_model import NewSource

if __name__ == "__main__":
    descriptors, feed, *named = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(descriptors), int(descriptors)))
    logs.configure("INFO", "text", "")
    settings = load(dict(each.split("=", 1) for each in named))
    asyncio.run(
        serve(
            replace(settings, metrics_address=("127.0.0.1", 0)),
            asyncio.Event(),
            first_sources=[NewSource("Motor", feed, categories=("motor",))],
        )
    )
