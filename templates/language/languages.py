"""Languages; each has one catalogue, `locales/<language>.po`, compiled when it has changed."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale
from babel.support import Translations

from storage.beside_bytecode import BesideBytecode

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog
    from babel.support import NullTranslations

SOURCE_LANGUAGE = "en"
WITHOUT_ITALICS = frozenset({"zh"})
"""Languages whose script has no italics."""
LOCALES = Path(__file__).parents[1] / "locales"

FALLBACKS: dict[str, tuple[str, ...]] = {
    # Speakers of these read Spanish easily, and learnt English at school.
    "pt": ("es", "en"),
    "ca": ("es", "en"),
    "gl": ("es", "en"),
    # Telegram and phones name traditional Chinese by its regions as well as by its script. While
    # there is no catalogue for it, its readers can read the simplified.
    "zh-tw": ("zh-hant", "zh"),
    "zh-hk": ("zh-hant", "zh"),
    "zh-mo": ("zh-hant", "zh"),
}
"""Language without a catalogue → its readers' languages, the best first; default for others."""


def languages(folder: Path = LOCALES) -> tuple[str, ...]:
    """Return the available languages: the templates' own, then one for each catalogue."""
    found = sorted(path.stem for path in folder.glob("*.po"))
    return (SOURCE_LANGUAGE, *(each for each in found if each != SOURCE_LANGUAGE))


@lru_cache(maxsize=1024)
def serving(code: str | None, available: tuple[str, ...], default: str) -> str:
    """Return the available language for a reader with Telegram set to an IETF tag or None."""
    if default not in available:
        default = SOURCE_LANGUAGE
    wanted = _tag(code or "")
    known = {_tag(each): each for each in available}
    parts = wanted.split("-")
    # `zh-Hant-TW`, then `zh-Hant`, `zh`, `zh` of another region, and another language.
    tags = ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
    *narrower, broadest = tags
    near = [each for tag in narrower for each in (tag, *FALLBACKS.get(tag, ()))]
    kin = [tag for tag in known if primary(tag) == broadest]
    for tag in (*near, broadest, *kin, *FALLBACKS.get(broadest, ())):
        if tag in known:
            return known[tag]
    return default


def primary(code: str) -> str:
    """Return a language without its script and region: `zh` for `zh-Hant-TW`."""
    return _tag(code).partition("-")[0]


def _tag(code: str) -> str:
    return code.replace("_", "-").casefold()


@lru_cache(maxsize=256)
def locale_of(language: str) -> Locale:
    """Return the locale with a language's names of days and months; English is British."""
    if language == SOURCE_LANGUAGE:
        return Locale("en", "GB")
    return Locale.parse(language.replace("-", "_"))


def translations(language: str, folder: Path = LOCALES) -> NullTranslations:
    """Return a language's catalogue, cached until its file changes; empty for the source's."""
    path = folder / f"{language}.po"
    if not path.exists():
        return Translations()
    file = path.stat()
    return _compiled(path, file.st_mtime_ns, file.st_size)


@lru_cache(maxsize=32)
def _compiled(path: Path, _changed: int, _size: int) -> Translations:
    compiled = BesideBytecode(str(path), "mo").derived(path.read_bytes(), lambda: _compile(path))
    return Translations(BytesIO(compiled))


def _compile(path: Path) -> bytes:
    # Imported here and below, because most starts find their catalogues compiled.
    from babel.messages.mofile import write_mo  # noqa: PLC0415

    compiled = BytesIO()
    write_mo(compiled, read(path))
    return compiled.getvalue()


def read(path: Path) -> Catalog:
    """Read one catalogue file; Babel's PoFileError if it is not well formed."""
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with path.open("rb") as file:
        return read_po(file, locale=path.stem.replace("-", "_"), abort_invalid=True)
