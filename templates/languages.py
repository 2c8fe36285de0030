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
    from babel.messages.catalog import Catalog
    from babel.support import NullTranslations

SOURCE_LANGUAGE = "en"
LOCALES = Path(__file__).parent / "locales"


def languages(folder: Path = LOCALES) -> tuple[str, ...]:
    """The languages there are: the templates' own, then one for every catalogue."""
    found = sorted(path.stem for path in folder.glob("*.po"))
    return (SOURCE_LANGUAGE, *(each for each in found if each != SOURCE_LANGUAGE))


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
