"""Jinja's environment for a language; the templates are compiled once, not at each start."""

from __future__ import annotations

from functools import cache, cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import BytecodeCache, Environment, FunctionLoader, StrictUndefined, pass_context
from markupsafe import Markup

from storage.beside_bytecode import BesideBytecode
from templates.markup.article_parts import preview_of
from templates.markup.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from types import CodeType

    from babel.support import NullTranslations
    from jinja2.bccache import Bucket
    from jinja2.runtime import Context, Macro

    from templates.language.filters import Filters

FOLDER = Path(__file__).parent
"""The folder of the templates: `messages/` and `pages/`."""
MACROS = 512
"""Outputs of a language's macros that are kept."""


@cache
def sources() -> Mapping[str, tuple[str, str, None]]:
    """Return every template's source by file name; all at once, as an upgrade may replace some."""
    return {file.name: (file.read_text("utf-8"), str(file), None) for file in FOLDER.rglob("*.j2")}


class CompiledTemplates(BytecodeCache):
    """The compiled code of templates, shared by all languages and kept for the next start.

    Compiling takes 0.3 s and 4 MiB. The code is stored beside the bytecode of this module, where
    Python may write that, and used as long as the templates, this module and Jinja stay as they
    are.
    """

    def __init__(self, stored: BesideBytecode) -> None:
        self._stored = stored
        self._ahead: set[str] = set()
        """The names of the templates compiled ahead."""
        self._codes: dict[tuple[str, str], CodeType] = {}
        """The code by the template's key and its checksum, as Jinja computes them."""
        self._is_new = False
        """Whether some code is not stored yet."""

    @cached_property
    def _origin(self) -> bytes:
        return Path(__file__).read_bytes() + version("jinja2").encode()

    @cached_property
    def _earlier(self) -> dict[tuple[str, str], CodeType]:
        return self._stored.load(self._origin) or {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Set the code of this source, if it is known."""
        key = (bucket.key, bucket.checksum)
        if key not in self._codes and key in self._earlier:
            self._codes[key] = self._earlier[key]
        bucket.code = self._codes.get(key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code for other languages and other renderers."""
        assert bucket.code is not None  # noqa: S101 - Jinja compiles before it stores
        self._codes[bucket.key, bucket.checksum] = bucket.code
        self._is_new = True

    def compile_next(self, environment: Environment) -> bool:
        """Compile the next template ahead; store all if none is left, and return False."""
        if left := sources().keys() - self._ahead:
            name = min(left)
            self._ahead.add(name)
            environment.get_template(name)
            return True
        if self._is_new:
            self._is_new = False
            self._stored.store(self._origin, self._codes)
        return False


COMPILED = CompiledTemplates(BesideBytecode(__file__, "templates"))
"""The compiled templates of this process."""


def build_environment(
    language: str, translations: NullTranslations, filters: Filters
) -> Environment:
    """Return Jinja's environment for a language."""
    environment = Environment(
        loader=FunctionLoader(sources().get),
        bytecode_cache=COMPILED,
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_finalize,
    )
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters.update({name: _later(each) for name, each in filters.all().items()})
    environment.globals.update(
        preview_of=preview_of, language=language, gap=filters.gap, kept=lru_cache(MACROS)(_written)
    )
    return environment


def _later(written: Callable[..., object]) -> Callable[..., object]:
    """Wrap a filter so that Jinja calls it at rendering time, never while compiling."""

    @pass_context
    def asked(_context: Context, /, *values: object, **named: object) -> object:
        return written(*values, **named)

    return asked


def _written(macro: Macro, *values: Hashable) -> str:
    """Return what a macro writes. It is kept, so it may depend only on the values passed.

    Format a time before passing it, since readers are in many zones.
    """
    return macro(*values)


def _finalize(value: object) -> object:
    cleaned = clean(value) if isinstance(value, str) else value
    if cleaned is value or not isinstance(value, Markup):
        return cleaned
    return Markup(cleaned)  # noqa: S704 - Markup is escaped already
