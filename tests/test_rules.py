"""Rules that no behaviour shows: of names and documents, and of texts in every language."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.configuration.settings import NAMES
from docs import commands, tables
from handlers.entry.commands import COMMANDS
from news.filing import taxonomy
from news.sources.defaults import defaults
from storage.model import Kind
from templates import catalogue
from templates.language.dates import DATE_CONTEXT
from templates.language.labels import LABELS, REASONS, Plural
from templates.language.languages import LOCALES, languages, read, translations
from templates.language.layout_samples import SAMPLE_CONTEXT
from templates.language.page_texts import PAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
DOCUMENTS = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
FLOORS = ("bot", "handlers", "digest", "news", "workers", "templates", "storage", "playground")
PATH = re.compile(rf"(?:{'|'.join(FLOORS)}|tests|train|bench|deploy)/[\w./-]*")
"""A path of the project, where a code span is nothing else or has it among its words."""
NO_SETTINGS = {"POSTGRES_PASSWORD", "TEST_DATABASE_URL"}
"""Names of variables that the compose file and the tests read, not the bot."""
TRANSLATED = [language for language in languages() if language != "en"]


def test_modules_of_a_floor_and_classes_have_names_of_their_own() -> None:
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            if path.stem not in {"__init__", "__main__"}:
                found[floor, path.stem].append(str(path))
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    found["class", node.name].append(str(path))
    assert [paths for paths in found.values() if len(paths) > 1] == []


def test_no_folder_has_more_than_twenty_python_files() -> None:
    folders = Counter(path.parent for path in ROOT.glob("[!.]*/**/*.py"))
    # Alembic needs a file for each revision.
    assert [str(at) for at in folders if folders[at] > 20 and at.name != "versions"] == []


def test_importing_a_test_reads_no_clock_and_imports_no_other_test() -> None:
    clock = re.compile(
        r"^(?!def |async def |class )\S.*\b(?:now\(|today\(|time\.time\()", re.MULTILINE
    )
    other = re.compile(r"^(?:from|import) tests\.(?:\w+\.)*test_", re.MULTILINE)
    for path in (ROOT / "tests").rglob("*.py"):
        assert not clock.search(path.read_text("utf-8")), path
        assert not other.search(path.read_text("utf-8")), path


def strangers(document: Path, text: str) -> Iterator[str]:
    """Yield what a document names that does not exist: files, headings, benches and settings."""
    for link, fragment in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", text):
        target = document.parent / link if link else document
        if not target.exists() or (fragment and fragment not in headings(target)):
            yield f"{link}#{fragment}"
    spans = [word for span in re.findall(r"`([^`\n]+)`", text) for word in span.split()]
    yield from (path for path in filter(PATH.fullmatch, spans) if not (ROOT / path).exists())
    for bench in re.findall(r"\./dev bench ([a-z]+)", text):
        if not [*(ROOT / "bench").rglob(f"{bench}.py")]:
            yield f"bench {bench}"
    if "decisions" not in document.parts:
        yield from set(re.findall(r"`([A-Z]+_[A-Z_]+)=?", text)) - {*NAMES, *NO_SETTINGS}


def headings(page: Path) -> set[str]:
    """Return the fragments by which a page's headings can be linked, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_everything_that_the_documents_name_exists() -> None:
    for document in DOCUMENTS:
        assert list(strangers(document, document.read_text())) == [], document
    readers = (DOCS / "readers.md").read_text()
    assert sorted(re.findall(r"^\| `/(\w+)", readers, re.MULTILINE)) == sorted(COMMANDS)
    labels = {form for text in LABELS.values() for form in forms_of(text)}
    assert set(re.findall(r"\*\*([^*]+)\*\*", readers)) <= labels


def test_documents_say_what_is_true_of_the_program() -> None:
    for page in (commands, tables):
        text = page.FILE.read_text()
        assert page.page(text) == text, f"{page.FILE.name} is out of date: ./dev docs writes it"
    readme = " ".join((ROOT / "README.md").read_text().split())
    linked = set(re.findall(r"\]\(docs/(\w+\.md)\)", readme))
    assert linked == {page.name for page in DOCS.glob("*.md")}
    for text in (readme, " ".join((ROOT / "CHANGELOG.md").read_text().split())):
        assert f"{len(taxonomy.load().by_kind(Kind.HOUSE))} houses" in text
        assert f"{len(defaults())} sources" in text


def test_the_picture_and_the_layers_in_architecture_md_are_those_of_the_program() -> None:
    picture, layers = (DOCS / "architecture.md").read_text().split("```")[1::2][:2]
    drawn, above = set(), [""]
    for indent, name in re.findall(r"^( *)(\w+)/ ", picture, re.MULTILINE):
        above[len(indent) // 2 :] = [name]
        drawn.add("/".join(above))
    # What Python left of another branch's package has no other files.
    rooms = {path.parent for floor in FLOORS for path in (ROOT / floor).rglob("*.[!p]*")}
    rooms |= {path.parent for floor in FLOORS for path in (ROOT / floor).rglob("*.py")}
    rooms = {at.relative_to(ROOT) for at in rooms if at.name not in {"__pycache__", "locales"}}
    rooms |= {parent for room in rooms for parent in room.parents if parent.name}
    assert {each for each in drawn if each.split("/")[0] in FLOORS} == {str(at) for at in rooms}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    held = {
        each.get("containers", ["all"])[0]: each["layers"]
        for each in project["contracts"]
        if each["type"] == "layers" and each["layers"][0] != "news.newsroom"
    }
    lines = [line.split(maxsplit=1) for line in layers.strip().splitlines()]
    assert {name: order.split(" > ") for name, order in lines} == held


def forms_of(text: str | Plural | Iterable[str]) -> list[str]:
    """Return the forms of a text: one, or those of a plural."""
    if isinstance(text, Plural):
        return [text.one, text.many]
    return [text] if isinstance(text, str) else list(text)


def texts(language: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each English text but dates and samples, in its last form, beside its translations."""
    for each in catalogue.extract() if language == "en" else read(LOCALES / f"{language}.po"):
        if each.id and each.context not in {DATE_CONTEXT, SAMPLE_CONTEXT}:
            english = forms_of(each.id)
            yield english[-1], english if language == "en" else forms_of(each.string or "")


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_every_text_and_no_other_as_update_writes_it(
    language: str, tmp_path: Path
) -> None:
    kept = (LOCALES / f"{language}.po").read_bytes()
    (tmp_path / f"{language}.po").write_bytes(kept)
    assert catalogue.update(tmp_path) == {language: []}, "these are not translated"
    written = (tmp_path / f"{language}.po").read_bytes()
    assert written == kept, "run: python -m templates.catalogue update"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_values_the_tags_and_the_commands_of_its_source(
    language: str,
) -> None:
    place = re.compile(r"%\(\w+\)s|</?[a-z][^>]*>|/[a-z]{3,}|%%")
    # A singular may write its number in words.
    numbers = {"%(num)s", "%(stories)s", "%(minutes)s"}
    for english, targets in texts(language):
        wanted = sorted(place.findall(english))
        for target in targets:
            found = sorted(place.findall(target))
            assert found in (wanted, [each for each in wanted if each not in numbers]), target
        assert sorted(place.findall(targets[-1])) == wanted


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_text_that_equals_english_is_listed_as_the_same(language: str) -> None:
    with (ROOT / "tests" / "templates" / "same_as_english.toml").open("rb") as file:
        listed = set(tomllib.load(file).get(language, ()))
    equal = set()
    for each in read(LOCALES / f"{language}.po"):
        sources = forms_of(each.id)
        if each.id and each.context != DATE_CONTEXT and {*sources} & {*forms_of(each.string or "")}:
            equal.add(sources[0])
    assert equal == listed, "translate it, or list it in same_as_english.toml"


APART = "\N{NARROW NO-BREAK SPACE}"
SIGN = "[\u4e00-\u9fff]"
NEVER = {
    "en": r"[!\U0001f300-\U0001faff]",
    "it": r"[!\U0001f300-\U0001faff]|['\"“”]|[.]{3}| - |^\s|\s$|  ",
    "es": r"[!¡\U0001f300-\U0001faff]|['\"“”]|[.]{3}| - |^\s|\s$|  ",
    "fr": r"[!\U0001f300-\U0001faff]|['\"“”]|[.]{3}| - |^\s|\s$|  "
    rf"|[^{APART}\d][;?»]|[^{APART}\d]:(?!//)|«[^{APART}]",
    "zh": r"[!！\U0001f300-\U0001faff]|['\"]|[.]{3}| - |^\s|\s$|  "
    rf"|{SIGN}[,;:?()]|[,;:?()]{SIGN}",
}
"""What no text of a language has: loud marks, another language's punctuation, loose blanks."""


@pytest.mark.parametrize("language", languages())
def test_texts_have_the_punctuation_of_their_language_and_no_word_that_is_ruled_out(
    language: str,
) -> None:
    glossary = (DOCS / "languages.md").read_text("utf-8").split("a catalogue does not use:")[1]
    rows = re.findall(r"^\|.*", glossary, re.MULTILINE)
    named = {"en": "English", "it": "Italian", "es": "Spanish", "fr": "French", "zh": "Chinese"}
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    ruled_out = "|".join(
        re.escape(word.strip())
        for language_, words, _ in cells
        if language_ == named[language]
        for word in words.split(",")
    )
    edges = ("", "") if language == "zh" else (r"(?<![\w/])", r"(?!\w)")
    word = re.compile(rf"{edges[0]}(?:{ruled_out}){edges[1]}", re.IGNORECASE)
    assert ruled_out
    for english, targets in texts(language):
        for target in targets:
            bare = re.sub(r"<[^>]+>", "", target)
            assert not re.search(NEVER[language], bare) or english == "kering results", target
            assert not word.search(target), target


MARKS = {"it": "«»", "es": "«»", "fr": f"«{APART}{APART}»", "zh": "“”"}
START = {"it": "Avvia", "es": "Iniciar", "fr": "Démarrer", "zh": "开始"}
"""Telegram's own button, by the name that its apps give it."""


@pytest.mark.parametrize("language", TRANSLATED)
def test_texts_quote_buttons_by_their_names(language: str) -> None:
    spoken = translations(language)
    labels = [forms_of(text)[-1] for text in LABELS.values()]
    buttons = {each: spoken.gettext(each) for each in labels if each[0].isupper()}
    buttons["Start"] = START[language]
    middle = len(MARKS[language]) // 2
    for english, targets in texts(language):
        for name in {*re.findall("“([^”%]+)”", english)} & buttons.keys():
            quoted = MARKS[language][:middle] + buttons[name] + MARKS[language][middle:]
            assert all(quoted in target for target in targets), targets


def test_every_label_and_text_of_a_page_is_used() -> None:
    paths = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    defined = {"labels.py", "page_texts.py"}
    code = "".join(path.read_text("utf-8") for path in paths if path.name not in defined)
    beginnings = tuple(re.findall(r'f"(\w+_)\{', code))
    # Labels for groups are named after those for readers.
    unused = {key for key in (*LABELS, *PAGE) if f'"{key.removesuffix("_here")}"' not in code}
    assert [
        key
        for key in unused - {*REASONS}
        if f'"{key}"' not in code and not key.startswith(beginnings)
    ] == []
