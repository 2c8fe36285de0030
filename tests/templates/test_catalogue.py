"""Catalogues contain exactly the texts of the templates, in every language."""

from __future__ import annotations

import errno
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from templates import catalogue
from templates.language.category_names import CATEGORY_CONTEXT
from templates.language.dates import DATE_CONTEXT
from templates.language.languages import LOCALES, languages, locale_of, read, translations
from templates.language.layout_samples import SAMPLE_CONTEXT

if TYPE_CHECKING:
    from babel.messages.catalog import Message

TRANSLATED = [language for language in languages() if language != "en"]
_PLACES = re.compile(r"%\((\w+)\)s|</?[a-z][^>]*>|/[a-z]{3,}|%%")


def texts(message: Message) -> tuple[list[str], list[str]]:
    """Return the forms of a message in English and in the other language."""
    source, target = message.id, message.string or ""
    return (
        [source] if isinstance(source, str) else list(source),
        [target] if isinstance(target, str) else list(target),
    )


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_every_text_and_no_other(language: str) -> None:
    wanted = {(each.context, str(each.id)) for each in catalogue.extract() if each.id}
    kept = {(each.context, str(each.id)) for each in read(LOCALES / f"{language}.po") if each.id}
    assert kept == wanted, "run: python -m templates.catalogue update"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_leaves_nothing_untranslated(language: str) -> None:
    assert catalogue.untranslated(read(LOCALES / f"{language}.po")) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_values_the_tags_and_the_commands_of_its_source(
    language: str,
) -> None:
    for message in read(LOCALES / f"{language}.po"):
        if not message.id or message.context is not None:
            continue
        sources, targets = texts(message)
        wanted = sorted(match.group() for match in _PLACES.finditer(sources[-1]))
        for target in targets:
            found = sorted(match.group() for match in _PLACES.finditer(target))
            # A singular may write its number in words.
            numbers = {"%(num)s", "%(stories)s", "%(minutes)s"}
            assert found in (wanted, [each for each in wanted if each not in numbers]), target
        assert sorted(match.group() for match in _PLACES.finditer(targets[-1])) == wanted


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_text_that_equals_english_is_listed_as_the_same(language: str) -> None:
    with Path(__file__).with_name("same_as_english.toml").open("rb") as file:
        listed = set(tomllib.load(file).get(language, ()))
    equal = set()
    for message in read(LOCALES / f"{language}.po"):
        sources, targets = texts(message)
        if message.id and message.context != DATE_CONTEXT and set(sources) & set(targets):
            equal.add(sources[0])
    assert equal == listed, "translate it, or list it in same_as_english.toml"


def test_french_punctuation_has_a_narrow_space() -> None:
    apart = "\N{NARROW NO-BREAK SPACE}"
    for message in read(LOCALES / "fr.po"):
        if not message.id or message.context == DATE_CONTEXT:
            continue
        for target in texts(message)[1]:
            assert not re.search(rf"[^{apart}\d][;!?»]|[^{apart}\d]:(?!//)|«[^{apart}]", target), (
                target
            )
            assert "'" not in target, target


SIGN = "[\u4e00-\u9fff]"
APART = re.compile(
    r"/\w+|@|[A-Z]+_[A-Z_]+|Telegram|ON News|News|Gucci|webhook|\bID\b|昨天|vogue|[✓✕↑↓·•]"
    r"|\d\d:\d\d|22-7|1234|%\((?:id|command)\)s"
)
"""Matches what keeps its spaces in Chinese: our names, commands, and text to type."""


def test_chinese_has_full_width_punctuation_and_few_spaces() -> None:
    for message in read(LOCALES / "zh.po"):
        if not message.id or message.context == DATE_CONTEXT or message.id == "kering results":
            continue
        for target in texts(message)[1]:
            bare = re.sub(r"</?\w+>", "", target)
            assert not re.search(rf"{SIGN}[,;:!?()'\"]|[,;:!?()'\"]{SIGN}", bare), target
            for space in re.finditer(rf"(?<={SIGN}) | (?={SIGN})", bare):
                beside = bare[: space.start()].split()[-1], bare[space.end() :]
                assert APART.search(beside[0]) or APART.match(beside[1]), target
            if message.context != SAMPLE_CONTEXT:
                written = re.sub(r"%\(\w+\)s", "", bare)
                assert not re.search(rf"{SIGN}[A-Za-z/]|[A-Za-z]{SIGN}", written), target


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_has_straight_quotes(language: str) -> None:
    for message in read(LOCALES / f"{language}.po"):
        for target in texts(message)[1] if message.id and message.context != DATE_CONTEXT else ():
            bare = re.sub(r"<[^>]+>", "", target)
            assert not re.search("['\"]|[.]{3}| - ", bare), target
            if language in {"it", "es", "fr"}:
                assert not re.search("[“”]", bare), target


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_is_spaced_as_its_source(language: str) -> None:
    for message in read(LOCALES / f"{language}.po"):
        if message.id:
            sources, targets = texts(message)
            assert sources[0] == sources[0].strip()
            assert all(target == target.strip() and "  " not in target for target in targets)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_written_as_update_writes_it(language: str, tmp_path: Path) -> None:
    kept = (LOCALES / f"{language}.po").read_bytes()
    (tmp_path / f"{language}.po").write_bytes(kept)
    assert catalogue.update(tmp_path) == {language: []}
    assert (tmp_path / f"{language}.po").read_bytes() == kept


def test_an_empty_catalogue_is_a_language_shown_in_english(tmp_path: Path) -> None:
    (tmp_path / "fr.po").touch()
    missing = catalogue.update(tmp_path)
    assert "Follow" in missing["fr"]
    assert languages(tmp_path) == ("en", "fr")
    assert translations("fr", tmp_path).gettext("Follow") == "Follow"
    assert locale_of("fr").language == "fr"


@pytest.mark.parametrize(
    ("language", "forms"), [("es", {1: 0, 2: 1}), ("fr", {0: 0, 1: 0, 2: 1}), ("zh", {1: 0, 2: 0})]
)
def test_a_language_counts_in_its_own_plurals(
    tmp_path: Path, language: str, forms: dict[int, int]
) -> None:
    path = tmp_path / f"{language}.po"
    path.touch()
    catalogue.update(tmp_path)
    many = max(forms.values()) + 1
    written = path.read_text()
    empty = "".join(f'msgstr[{form}] ""\n' for form in range(many))
    ids = 'msgid "%(num)s story"\nmsgid_plural "%(num)s stories"\n'
    assert f"{ids}{empty}\n" in written
    filled = "".join(f'msgstr[{form}] "form {form}"\n' for form in range(many))
    path.write_text(written.replace(ids + empty, ids + filled))
    spoken = translations(language, tmp_path)
    for number, form in forms.items():
        assert spoken.ngettext("%(num)s story", "%(num)s stories", number) == f"form {form}"


def test_an_update_keeps_translations_and_drops_unused_texts(tmp_path: Path) -> None:
    path = tmp_path / "es.po"
    path.write_text('msgid "Follow"\nmsgstr "Seguir"\n\nmsgid "Gone"\nmsgstr "Ido"\n')
    catalogue.update(tmp_path)
    spanish = translations("es", tmp_path)
    assert spanish.gettext("Follow") == "Seguir"
    assert "Ido" not in path.read_text()
    assert "Plural-Forms" in path.read_text()


def test_a_categorys_name_is_translated_apart_from_the_word() -> None:
    assert translations("it").pgettext(CATEGORY_CONTEXT, "Style") == "Stile"
    assert translations("it").gettext("Style") == "Style"


def test_the_catalogue_command_lists_missing_translations_and_its_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert catalogue.main(["update"]) == 0
    assert capsys.readouterr().out == ""
    assert catalogue.main([]) == 2
    assert "catalogue update" in capsys.readouterr().err


def test_a_full_disk_loses_no_translation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "it.po"
    kept.write_bytes((LOCALES / "it.po").read_bytes())
    write = Path.write_bytes

    def half(path: Path, data: bytes) -> int:
        write(path, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match="No space"):
        catalogue.update(tmp_path)
    assert kept.read_bytes() == (LOCALES / "it.po").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["it.po"]
