"""Languages: one catalogue, `locales/<language>.po`, is one language; compiled in memory."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

if TYPE_CHECKING:
    from collections.abc import Collection

    from babel.messages.catalog import Catalog
    from babel.support import NullTranslations

SOURCE_LANGUAGE = "en"
LOCALES = Path(__file__).parents[1] / "locales"

FALLBACKS: dict[str, tuple[str, ...]] = {
    # Who writes these reads Spanish with little effort, and learnt English at school.
    "pt": ("es", "en"),
    "ca": ("es", "en"),
    "gl": ("es", "en"),
    # Telegram and phones name traditional Chinese by its places as well as by its script. Until
    # somebody brings it, who reads it can read the simplified.
    "zh-tw": ("zh-hant", "zh"),
    "zh-hk": ("zh-hant", "zh"),
    "zh-mo": ("zh-hant", "zh"),
}
"""Language → those that its readers are served in where it has no catalogue, the best first. Other
languages get the default: for them there is none that most of their readers would rather have."""


def languages(folder: Path = LOCALES) -> tuple[str, ...]:
    """The languages there are: the templates' own, then one for every catalogue."""
    found = sorted(path.stem for path in folder.glob("*.po"))
    return (SOURCE_LANGUAGE, *(each for each in found if each != SOURCE_LANGUAGE))


def serving(code: str | None, available: Collection[str], default: str) -> str:
    """Which of the available languages serves somebody whose Telegram speaks `code`.

    Args:
        code: An IETF tag such as `pt-BR`, in any case; None where Telegram said nothing.
        available: The languages that there are, `SOURCE_LANGUAGE` among them.
        default: For everybody whom no other language serves.
    """
    if default not in available:
        default = SOURCE_LANGUAGE
    wanted = _tag(code or "")
    known = {_tag(each): each for each in available}
    parts = wanted.split("-")
    # `zh-Hant-TW`, then `zh-Hant`, then `zh`, then `zh` of another place, then another language.
    tags = ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
    *narrower, broadest = tags
    near = [each for tag in narrower for each in (tag, *FALLBACKS.get(tag, ()))]
    kin = [tag for tag in known if primary(tag) == broadest]
    for tag in (*near, broadest, *kin, *FALLBACKS.get(broadest, ())):
        if tag in known:
            return known[tag]
    return default


def primary(code: str) -> str:
    """A language without its script and place: `zh` of `zh-Hant-TW`."""
    return _tag(code).partition("-")[0]


def _tag(code: str) -> str:
    return code.replace("_", "-").casefold()


@lru_cache(maxsize=256)
def locale_of(language: str) -> Locale:
    """The locale whose names of days and months a language takes; English is Britain's."""
    if language == SOURCE_LANGUAGE:
        return Locale("en", "GB")
    return Locale.parse(language.replace("-", "_"))


def translations(language: str, folder: Path = LOCALES) -> NullTranslations:
    """A language's catalogue, read once while its file is the same; the source needs none."""
    path = folder / f"{language}.po"
    if not path.exists():
        return Translations()
    file = path.stat()
    return _compiled(path, file.st_mtime_ns, file.st_size)


@lru_cache(maxsize=32)
def _compiled(path: Path, _changed: int, _size: int) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, read(path))
    compiled.seek(0)
    return Translations(compiled)


def read(path: Path) -> Catalog:
    """One catalogue file.

    Raises:
        babel.messages.pofile.PoFileError: it is not well formed.
    """
    with path.open("rb") as file:
        return read_po(file, locale=path.stem.replace("-", "_"), abort_invalid=True)
