"""A renderer with every language."""

from __future__ import annotations

import pytest

from templates import Renderer
from tests.templates.contexts import CATEGORIES


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer(CATEGORIES, username="OnNewsBot")
