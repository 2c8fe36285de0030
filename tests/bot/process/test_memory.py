"""The memory settings of the process, tested in a new process."""

from __future__ import annotations

import ctypes
import gc
import os
import re
import subprocess
import sys

import pytest

from bot.process.memory import without_collections

ALLOCATES = """
import ctypes, sys, tempfile, threading
from bot.process.memory import give_memory_back

if sys.argv[1] == "shared":
    give_memory_back()
together = threading.Barrier(8)
held = []
def work():
    together.wait()
    # Kept, so that nothing freed is there to hold the blocks below.
    held.append([bytearray(5_000) for _ in range(200)])
    together.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
large = bytearray(8 << 20)
del large
kept = [bytearray(100_000) for _ in range(50)]
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
with tempfile.TemporaryFile() as file:
    stream = ctypes.c_void_p(libc.fdopen(file.fileno(), b"w"))
    libc.malloc_info(0, stream)
    libc.fflush(stream)
    file.seek(0)
    print(file.read().decode())
"""


def allocated(how: str) -> tuple[int, int]:
    """Return the number of arenas of eight threads, and of blocks that are mappings of their own.

    A block of 8 MiB was freed before fifty of 100,000 bytes were allocated.
    """
    environ = {name: value for name, value in os.environ.items() if "MALLOC" not in name}
    run = subprocess.run(  # noqa: S603 — Python and the text above
        [sys.executable, "-c", ALLOCATES, how],
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    )
    mappings = re.findall('<total type="mmap" count="([0-9]+)"', run.stdout)
    return len(re.findall("<heap nr=", run.stdout)), int(mappings[-1])


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_info"), reason="this C library has no arenas"
)
def test_threads_share_an_arena_and_large_blocks_are_returned_when_freed() -> None:
    arenas, mappings = allocated("shared")
    assert arenas == 1
    assert mappings >= 50
    arenas, mappings = allocated("as they come")
    assert arenas > 2
    assert mappings < 50


def test_no_collection_runs_while_modules_are_imported_and_all_run_again_afterwards() -> None:
    seen: list[str] = []
    gc.callbacks.append(lambda phase, _info: seen.append(phase))
    try:
        with without_collections():
            kept = [[number] for number in range(100_000)]
            assert not seen
        assert gc.isenabled()
        assert gc.get_freeze_count() > len(kept)
    finally:
        gc.callbacks.pop()
        gc.unfreeze()
