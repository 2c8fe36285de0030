"""Parsing of the documents by a library, without fetching or storing.

`python -m bench.peers.parsing LIBRARY FOLDER` prints the seconds and the number of entries found.
JSON feeds are left out, since one of the two libraries cannot read them.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from pathlib import Path


def main(library: str, folder: str) -> None:
    """Parse every document once."""
    parse = import_module(library).parse
    documents = [path.read_bytes() for path in sorted(Path(folder).glob("*.xml"))]
    start = time.perf_counter()
    entries = sum(len(parse(document).entries) for document in documents)
    print(json.dumps({"seconds": time.perf_counter() - start, "entries": entries}))


if __name__ == "__main__":
    main(*sys.argv[1:])
