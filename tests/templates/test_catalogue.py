"""Catalogues are updated from the templates, and read by language."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from templates import catalogue
from templates.language.category_names import CATEGORY_CONTEXT
from templates.language.languages import LOCALES, languages, locale_of, translations


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
