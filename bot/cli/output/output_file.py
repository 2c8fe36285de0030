"""Documents that a command writes to a file, or to standard output."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from shutil import copymode

from bot.cli.terminal import fail


def put_out(file: str, document: bytes) -> bool:
    """Write a document to a file, or to standard output for `-`.

    Return whether it was a file. If it cannot be written, the process ends with one line that says
    why.
    """
    if file == "-":
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
        return False
    try:
        put(Path(file), document)
    except OSError as error:
        fail(f"{file} cannot be written ({error.strerror})")
    return True


def put(path: Path, document: bytes) -> None:
    """Replace a file's contents as a whole; if that fails, the old contents stay."""
    if path.exists() and not path.is_file():
        # A pipe or a device must not be replaced with a file.
        path.write_bytes(document)
        return
    # The target of a symbolic link, or the link would be replaced with a file.
    path = path.resolve()
    beside = path.with_name(f".onnews-{secrets.token_hex(8)}")
    try:
        with beside.open("xb") as file:
            file.write(document)
            file.flush()
            # Otherwise the file could be empty after a power failure.
            os.fsync(file.fileno())
        if path.exists():
            copymode(path, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
