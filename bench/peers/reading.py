"""lemon24/reader as its documentation shows it: the same feeds into an SQLite database.

`python -m bench.peers.reading FOLDER ADDRESSES ROUNDS` reads the addresses from a JSON list. It
prints the seconds of a first round, its processor time, the median seconds of ROUNDS rounds with
nothing new, and the number of entries.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median

WORKERS = 1
"""Threads. One is the default; without network delays more threads are no faster."""


def main(folder: str, addresses: str, rounds: str) -> None:
    """Run a first round, and some with nothing new."""
    import feedparser_sgmllib  # noqa: PLC0415  # only this process loads it

    # reader's copy of feedparser imports the module by its name before feedparser 6.0.14.
    sys.modules.setdefault("sgmllib", feedparser_sgmllib)
    from reader import make_reader  # noqa: PLC0415  # as above

    reader = make_reader(f"{folder}/reader.sqlite")
    for url in json.loads(Path(addresses).read_text()):
        reader.add_feed(url)
    seconds, processor = [], []
    for _ in range(1 + int(rounds)):
        start, before = time.perf_counter(), time.process_time()
        # With `scheduled=True` nothing would be due again so soon.
        reader.update_feeds(workers=WORKERS, scheduled=False)
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - before)
    entries = reader.get_entry_counts().total
    reader.close()
    found = {"cold_s": seconds[0], "unchanged_s": median(seconds[1:]), "entries": entries}
    print(json.dumps({**found, "cold_processor_s": processor[0]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
