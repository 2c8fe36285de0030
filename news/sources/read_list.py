"""A list of sources, read in a worker: it may come from anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from news.documents import taxonomy_of_worker

if TYPE_CHECKING:
    from news.sources.lists import Format, SourceList


def read_list(document: bytes, form: Format, *, allow_private: bool) -> SourceList:
    """A list of sources; see `news.sources.lists.read`.

    Raises:
        ListError: It is no such list.
    """
    from news.sources import lists  # noqa: PLC0415 — its parsers weigh on workers only

    return lists.read(document, form, taxonomy_of_worker(), allow_private=allow_private)
