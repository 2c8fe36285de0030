"""Updates the catalogues from the templates: `python -m templates.catalogue update`."""

from __future__ import annotations

import sys
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import write_po

from templates.language import (
    amounts,
    category_names,
    dates,
    labels,
    layout_samples,
    lists,
    menu,
    page_texts,
    pseudo_categories,
)
from templates.language.languages import LOCALES, read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

FOLDER = Path(__file__).parent


def extract() -> Catalog:
    """Return a catalogue of every translatable text in the templates and labels."""
    catalogue = Catalog(project="ON News", charset="utf-8")
    with (FOLDER / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")  # type: ignore[no-untyped-call]
    found = extract_from_dir(
        FOLDER, method_map=methods, options_map=options, comment_tags=("Translators:",)
    )
    # Sort by file name without the folder, so that a moved file changes nothing.
    for path, _, message, comments, context in sorted(found, key=lambda each: Path(each[0]).name):
        # Line numbers would change the catalogue with every edit of a template.
        place = (Path(path).name, 0)
        catalogue.add(message, locations=[place], auto_comments=comments, context=context)
    return catalogue


def extract_labels(
    _file: IO[bytes],
    _keywords: Collection[str],
    _comments: Collection[str],
    options: dict[str, Any],  # noqa: ARG001 - Babel passes it by this name
) -> Iterator[tuple[int, str, str | tuple[str, str], list[str]]]:
    """Yield the unmarked texts of `labels.py` and the files beside it, by Babel's protocol."""
    for text in (*labels.LABELS.values(), *page_texts.PAGE.values()):
        if isinstance(text, str):
            yield 0, "gettext", text, []
        else:
            yield 0, "ngettext", (text.one, text.many), []
    commands = (menu.COMMANDS, menu.EDITORS_COMMANDS, menu.OPERATORS_COMMANDS, menu.PAGES_COMMANDS)
    for command in chain.from_iterable(each.values() for each in commands):
        yield 0, "gettext", command, ["Translators: at most 256 characters"]
    yield 0, "gettext", menu.DESCRIPTION, ["Translators: at most 512 characters"]
    yield 0, "gettext", menu.SHORT_DESCRIPTION, ["Translators: at most 120 characters"]
    translated = (*category_names.SECTIONS, *category_names.MARKETS)
    names = [(category_names.CATEGORY_CONTEXT, name) for name in translated]
    words = (*pseudo_categories.NAMES.values(), *pseudo_categories.NAMES_AMONG.values())
    for named in (*names, *((pseudo_categories.CONTEXT, name) for name in words)):
        yield 0, "pgettext", named, []
    for _, *texts, _ in layout_samples.SAMPLES:
        for sample in texts:
            yield 0, "pgettext", (layout_samples.SAMPLE_CONTEXT, sample), []
    yield 0, "gettext", page_texts.MARKED, ["Translators: what is told of a source's article"]
    yield 0, "gettext", page_texts.PAYWALL, ["Translators: it may take a subscription"]
    comment = "Translators: behind a source's name, of a headline translated from that language"
    yield 0, "gettext", page_texts.TRANSLATED, [comment]
    yield 0, "gettext", lists.AND_THEN, ["Translators: two clauses of a line"]
    for count in amounts.COUNTS:
        yield 0, "pgettext", (amounts.COUNT_CONTEXT, count), []
    yield 0, "pgettext", (lists.LIST_CONTEXT, lists.AND_MORE), ["Translators: other categories"]
    yield from _times()


def _times() -> Iterator[tuple[int, str, str | tuple[str, str], list[str]]]:
    for moment in dates.TIMES.values():
        yield 0, "gettext", moment, ["Translators: in few letters, of when something was published"]
    for due in dates.DUE.values():
        yield 0, "pgettext", (dates.DUE_CONTEXT, due), ["Translators: an edition arrives then"]
    for pattern in dates.DATES.values():
        yield 0, "pgettext", (dates.DATE_CONTEXT, pattern), ["Translators: CLDR pattern"]


def update(folder: Path = LOCALES) -> dict[str, list[str]]:
    """Merge the texts into every catalogue, also an empty file; return the untranslated ones."""
    template = extract()
    missing: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.po")):
        catalogue = read(path)
        catalogue.update(template, no_fuzzy_matching=True)
        # Write beside the file first: a full disk must not destroy a translator's work.
        beside = path.with_name(f"{path.name}.new")
        try:
            beside.write_bytes(_written(catalogue))
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        missing[path.stem] = untranslated(catalogue)
    return missing


def _written(catalogue: Catalog) -> bytes:
    # Babel's own header contains dates and placeholders that change with every update.
    locale = catalogue.locale
    header = [f"# ON News in {locale.english_name if locale else 'an unknown language'}."]
    header += ['msgid ""', 'msgstr ""', f'"Language: {locale}\\n"']
    header += [f'"Plural-Forms: {catalogue.plural_forms}\\n"', '"MIME-Version: 1.0\\n"']
    header += ['"Content-Type: text/plain; charset=utf-8\\n"']
    header += ['"Content-Transfer-Encoding: 8bit\\n"', "", ""]
    body = BytesIO()
    write_po(
        body, catalogue, width=100, omit_header=True, ignore_obsolete=True, include_lineno=False
    )
    return "\n".join(header).encode() + body.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the texts of a catalogue that lack a translation or one of their plurals."""
    lacking = []
    for message in catalogue:
        if not message.id:
            continue
        string = message.string or ""
        forms = [string] if isinstance(string, str) else list(string)
        if message.fuzzy or not all(forms):
            lacking.append(message.id if isinstance(message.id, str) else message.id[0])
    return lacking


def main(arguments: list[str]) -> int:
    """Run `update` and print the untranslated texts; return status 1 if there are any."""
    if arguments != ["update"]:
        sys.stderr.write("usage: python -m templates.catalogue update\n")
        return 2
    missing = update()
    for language, texts in missing.items():
        for text in texts:
            sys.stdout.write(f"{language}: not translated: {text!r}\n")
    return int(any(missing.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
