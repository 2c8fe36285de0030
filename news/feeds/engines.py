"""Removal of what publishing systems add to an article's text in a feed."""

from __future__ import annotations

import re

# Drupal adds an article's title, author and date to the description.
_DRUPAL = re.compile(
    r"<span\b[^<>]{0,300}\bfield--name-(?:title|uid|created)\b[^<>]{0,300}>"
    r"(?:[^<]{0,300}<(?!/?(?:div|p)\b)[^<>]{0,500}>){0,8}?[^<]{0,300}</span>\s*"
    r"(?=<(?:span|div|p)\b|\Z)",
    re.IGNORECASE,
)
_BUTTON = re.compile(
    r"<p\b[^<>]{0,300}\bbutton-wrapper\b[^<>]{0,2000}>(?:(?!</?p\b).){0,1000}</p>",
    re.IGNORECASE | re.DOTALL,
)
# Matches short codes of WordPress and its page builders.
_SHORT_CODE = re.compile(
    r"\[/?(?:(?:vc|et_pb|fusion|av|su|mk|nectar|cs|tatsu|elementor)[_-][\w-]{1,40}|caption|gallery|embed|"
    r"audio|video|playlist|contact-form-7|contact-form|mc4wp_form|instagram-feed|row|column|"
    r"button|dropcap)(?:\s[^\[\]]*+)?\](?:https?://[^\s\[\]<>]{1,2000}+\[/embed\])?",
    re.IGNORECASE,
)
_CODE_SIGNS = (
    *("[/", "[gallery", "[contact-form", "[mc4wp", "[instagram", "[vc_", "[playlist", "[et_pb_"),
    *("[fusion_", "[elementor", "[caption ", "[av_", "[nectar_"),
)
"""Beginnings of short codes that are searched for first, which is much faster."""
_ON_MEDIUM = re.compile(
    r"(?:<hr ?/?>)?<p>(?:(?!</?p>).){0,1000}was originally published in"
    r"(?:(?!</?p>).){0,1000}</p>",
    re.IGNORECASE | re.DOTALL,
)
_BLOCK = re.compile(r"<(?:p|div|ul|ol|h[1-6]|blockquote|table|figure|pre)\b", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")
_END = 4_000
"""Characters from the end of a text in which Medium's last line is looked for."""


def unwrapped(markup: str) -> str:
    """Return `markup` without what Drupal, WordPress, newsletter forms and Medium add to it."""
    if "[" in markup and any(sign in markup for sign in _CODE_SIGNS):
        markup = _SHORT_CODE.sub(" ", markup)
    if "field--name-" in markup:
        markup = _DRUPAL.sub("", markup)
    if "button-wrapper" in markup:
        markup = _BUTTON.sub("", markup)
    if "originally published in" in markup[-_END:]:
        markup = markup[:-_END] + _ON_MEDIUM.sub("", markup[-_END:])
    return markup


def in_paragraphs(text: str) -> str:
    """Return a text as its author typed it in WordPress with the paragraphs that readers see."""
    if _BLOCK.search(text):
        return text
    return "".join(
        f"<p>{one.strip()}</p>" for one in _EMPTY_LINE.split(text.strip()) if one.strip()
    )
