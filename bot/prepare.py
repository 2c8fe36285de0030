"""`python -m bot.prepare` derives at the installation what the service may not store later.

These are the compiled templates and catalogues and the parsed taxonomy, without which each start
takes half a second longer. `deploy/install` runs this.
"""

from __future__ import annotations

from news.filing import taxonomy
from templates import Renderer


def prepare() -> None:
    """Store beside Python's bytecode what each start needs."""
    renderer = Renderer(taxonomy.load().categories)
    for language in renderer.languages:
        renderer.commands(language)
    while renderer.compile_next():
        pass


if __name__ == "__main__":
    prepare()
