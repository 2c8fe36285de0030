"""The text of a draft, for the tests of what is stored of drafts."""

from __future__ import annotations

from storage.model.desk_model import DraftText

TEXT = DraftText(
    link="",
    source="",
    title="What an editor sent",
    standfirst="",
    body=None,
    body_kinds="",
    image=None,
    author=None,
    language=None,
    paywall=None,
    published=None,
    filings=(),
)
