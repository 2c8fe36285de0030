"""lemon24/reader, as its documentation shows it: the same feeds into an SQLite database.

`python -m bench.peers.reading FOLDER ADDRESSES ROUNDS` (a JSON file with a list, and a number)
prints seconds for a first round and the median of so many with nothing new, what of the first was
processor time, and how many entries there are.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median

WORKERS = 1
"""Threads. One is its default; where nothing waits for a network, more make it no faster."""


def main(folder: str, addresses: str, rounds: str) -> None:
    """A first round, and some with nothing new."""
    import feedparser_sgmllib  # noqa: PLC0415  # only this process loads it

    # Its own copy of feedparser wants the module by the name that it had before feedparser 6.0.14.
    sys.modules.setdefault("sgmllib", feedparser_sgmllib)
    from reader import make_reader  # noqa: PLC0415  # as above

    reader = make_reader(f"{folder}/reader.sqlite")
    for url in json.loads(Path(addresses).read_text()):
        reader.add_feed(url)
    seconds, processor = [], []
    for _ in range(1 + int(rounds)):
        start, before = time.perf_counter(), time.process_time()
        # Unasked, it would find that nothing is due again so soon.
        reader.update_feeds(workers=WORKERS, scheduled=False)
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - before)
    entries = reader.get_entry_counts().total
    reader.close()
    found = {"cold_s": seconds[0], "unchanged_s": median(seconds[1:]), "entries": entries}
    print(json.dumps({**found, "cold_processor_s": processor[0]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
