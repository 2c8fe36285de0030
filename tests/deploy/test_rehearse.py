"""The rehearsal of an installation: the Python that its user without rights needs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from deploy.rehearse import is_readable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_a_python_in_a_closed_folder_cannot_serve_a_user_without_rights(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    python = closed / "python3"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    assert not is_readable(str(python))
    assert is_readable("/bin/true")
