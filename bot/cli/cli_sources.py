"""The commands `onnews sources …`: list, try, add, pause, remove and change sources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from bot.cli.output.cli_json import print_json
from bot.cli.output.tables import console, fits
from bot.cli.sources import lists
from bot.cli.sources.table import KIND, listed, sources_json
from bot.cli.sources.trials import ADD_ANYWAY, PRIVATE, show, trial_json, trouble
from bot.cli.terminal import (
    AS_JSON,
    LISTED,
    archive,
    carry_out,
    check_can_be_asked,
    fail,
    settings,
    source_named,
)
from bot.counted import counted
from news.health import summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.composition import Archive
    from storage.model import Category

SHOWN_WHERE = click.Choice(["yes", "no", "private"])
"""The values of options that say where something is shown: all chats, none, private chats."""
FULL_TEXT = click.option(
    "--full-text",
    type=SHOWN_WHERE,
    help="Where its texts may be read: in private chats and groups (yes), in private chats only "
    "(private, unless set), or nowhere (no). They are never shown in channels.",
)
PICTURES = click.option(
    "--pictures",
    type=SHOWN_WHERE,
    help="Where its pictures may be shown: everywhere (yes, unless set), in private chats only "
    "(private), or nowhere (no).",
)
PAYWALLED = click.option(
    "--paywall/--no-paywall",
    default=None,
    help="Whether its stories are marked as for subscribers, if their pages do not say.",
)
GENERAL = click.option(
    "--general/--trade",
    default=None,
    help="Whether it has news of all kinds, or only of the trade.",
)
APPROVAL = click.option(
    "--approval/--no-approval",
    default=None,
    help="Whether its new articles wait until an editor publishes them at the desk (/desk).",
)
TRANSLATE = click.option(
    "--translate",
    type=click.Choice(["yes", "no"]),
    help="Whether a language model may be sent its headlines and summaries (MODEL_URL).",
    hidden=True,  # until a model is asked
)
SAYS = {True: "of all kinds (--trade if not)", False: "about the trade (--general if not)"}
APPROVED = {True: "an editor publishes its articles", False: "published at once"}
PAYWALL = {True: "yes", False: "no", None: "as its pages say"}


@click.group(invoke_without_command=True)
@click.pass_context
def sources(context: click.Context) -> None:
    """The sources of articles."""
    if context.invoked_subcommand is None:
        context.invoke(list_sources, as_json=False)


@sources.command("list")
@AS_JSON
def list_sources(*, as_json: bool) -> None:
    """Show every source, those with problems first.

    It also shows what to do about each, and which categories will have little news.

    Example: onnews sources list
    """

    async def work() -> None:
        async with archive() as opened:
            now = opened.clock()
            look = await opened.source_monitor.look(now)
            reported = await opened.complaints.by_source()
            names = opened.taxonomy.categories
        if as_json:
            print_json(sources_json(look, reported))
            return
        out = console()
        table = listed(look.healths, now, reported)
        if fits(out, table):
            out.print(table)
        else:
            out.print(listed(look.healths, now, reported, short=True))
            for one in look.healths:
                if one.advice:
                    # Not wrapped, so that its commands can be copied.
                    line = f"no. {one.source.id}: {one.advice}"
                    out.print(line, markup=False, highlight=False, soft_wrap=True)
        states = [f"{count} {state}" for state, count in summary(look.healths).items()]
        out.print(f"{counted(len(look.healths), 'source')}: {', '.join(states) or 'none yet'}")
        if look.cut_off:
            out.print("most of them cannot be reached: check this machine's network first")
        if look.thin:
            thin = (f"{name_of(each.category, names)} ({each.share:.0%})" for each in look.thin)
            out.print(
                f"categories at risk, with the share of last month's articles from sources with "
                f"problems: {', '.join(thin)}"
            )

    carry_out(work())


def name_of(slug: str, categories: Mapping[str, Category]) -> str:
    """Return a category's name, or its slug if the taxonomy no longer has it."""
    return categories[slug].name if slug in categories else slug


@sources.command()
@click.argument("words", nargs=-1, required=True, metavar="[NAME] URL")
@click.option("--category", "-c", "categories", multiple=True, help="File every article under it.")
@click.option("--language", help="Two letters; the feed's own or detected if not given.")
@click.option(
    "--weight",
    type=click.IntRange(0, 100),
    default=50,
    show_default=True,
    help="How much its report of a story is preferred to those of other sources.",
)
@click.option("--read-pages", is_flag=True, help="Read the body from each article's page.")
@FULL_TEXT
@PICTURES
@PAYWALLED
@GENERAL
@APPROVAL
@click.option("--unchecked", is_flag=True, help="Add it without fetching it first.")
def add(
    words: tuple[str, ...],
    *,
    categories: tuple[str, ...],
    language: str | None,
    weight: int,
    read_pages: bool,
    full_text: str | None,
    pictures: str | None,
    paywall: bool | None,
    general: bool | None,
    approval: bool | None,
    unchecked: bool,
) -> None:
    """Add the feed at URL, or the feed of the site at URL.

    Readers see NAME, or else the feed's own title. From a source with news of all kinds, only
    articles about the trade go into sections. Its kind is detected from its articles, unless you
    set it.

    Example: onnews sources add 'Luxury Daily' https://www.luxurydaily.com -c Business
    """
    from news.sources.discover import is_general  # noqa: PLC0415  # keeps --help fast
    from news.sources.lists import named  # noqa: PLC0415  # keeps --help fast
    from news.text.language_tag import code  # noqa: PLC0415  # keeps --help fast
    from news.text.links import absolute, signs_in  # noqa: PLC0415  # keeps --help fast
    from storage.model import NewSource, Show  # noqa: PLC0415  # keeps --help fast
    from storage.sources.sources import SourceExists  # noqa: PLC0415  # keeps --help fast

    urls = [word for word in words if "://" in word]
    if len(urls) != 1:
        fail("give one address, as in: onnews sources add 'Luxury Daily' https://example.com/feed")
    url, name = absolute(urls[0]), named(" ".join(word for word in words if word not in urls))
    if url is None:
        fail(f"{urls[0]} is not an http or https address")
    if signs_in(urls[0]):
        fail("an address with a name or password is not stored; give one without")
    if language is not None and code(language) is None:
        fail(f"{language!r} is not a language; write two letters, such as en, it or zh")

    async def work() -> None:
        async with archive(create=True) as opened:
            new = NewSource(
                name=name or url,
                url=url,
                categories=tuple(filing(opened, text) for text in categories),
                language=code(language),
                weight=weight,
                read_pages=read_pages,
                full_text=Show(full_text or Show.PRIVATE),
                pictures=Show(pictures or Show.YES),
                paywall=paywall,
                general=bool(general),
                approval=bool(approval),
            )
            brings = ""
            if unchecked:
                refuse_private(url, allowed=settings().allow_private_sources)
            else:
                trial = await opened.newsroom.try_source(url)
                if trial.parsed is None:
                    fail(f"nothing was added: {trouble(trial, ADD_ANYWAY)}")
                new = replace(
                    new,
                    name=name or named(trial.parsed.title) or url,
                    url=trial.url,
                    kind=trial.kind,
                    language=code(language) or trial.parsed.language,
                )
                if general is None:
                    new = replace(new, general=await is_general(trial.parsed, opened.workers))
                brings = f"; it has {counted(len(trial.parsed.entries), 'article')} now"
                brings += f", {SAYS[new.general]}"
            try:
                source = await opened.sources.add(new, opened.clock())
            except SourceExists as error:
                fail(f"nothing was added: {error}")
            click.echo(f"added as no. {source.id}: {source.name}{brings}")

    carry_out(work())


def refuse_private(url: str, *, allowed: bool) -> None:
    """Check that fetching a URL is allowed."""
    from news.fetch.guard import PrivateAddressError, check_literal  # noqa: PLC0415  # keeps --help fast

    try:
        if not allowed:
            check_literal(url)
    except PrivateAddressError as error:
        fail(f"nothing was added: {error}; for a source of your own, {PRIVATE}")


def filing(opened: Archive, text: str) -> str:
    """Return the slug of the category with this name."""
    category = opened.taxonomy.find(text)
    if category is None:
        near = " or ".join(one.name for one in opened.taxonomy.suggest(text))
        fail(f"there is no category {text!r}" + (f"; did you mean {near}?" if near else ""))
    return category.slug


@sources.command()
@click.argument("url")
@AS_JSON
def test(url: str, *, as_json: bool) -> None:
    """Show which articles a source has; store nothing.

    URL may also be the number or name of an existing source.

    Example: onnews sources test https://www.wwd.com
    """

    async def work() -> None:
        async with archive(thrown_away=True) as opened:
            known = await opened.sources.find(url)
            if known is None and "." not in url:
                fail(f"there is no source {url!r}, and it is not an address; {LISTED}")
            if known is None and "://" not in url:
                fail(f"there is no source {url!r}; an address must begin with https://")
            if known is not None:
                check_can_be_asked(known)
                if known.url.startswith("mail:"):
                    fail(f"{known.name} sends letters; `onnews fetch {known.id}` reads new ones")
            trial = await opened.newsroom.try_source(known.url if known else url, known)
        if as_json:
            print_json(trial_json(trial))
        else:
            show(trial)
        if not trial.ok:
            fail(trouble(trial))

    carry_out(work())


def _state_command(verb: str, state: str, done: str, why: str) -> None:
    @sources.command(verb, help=why)
    @click.argument("source")
    def command(source: str) -> None:
        from storage.model import SourceState  # noqa: PLC0415  # keeps --help fast

        async def work() -> None:
            async with archive(create=True) as opened:
                found = await source_named(opened, source)
                check_can_be_asked(found)
                await opened.sources.set_state(found.id, SourceState(state), opened.clock())
                click.echo(f"{found.name} {done}")

        carry_out(work())


_state_command(
    "pause",
    "paused",
    "is paused",
    "Stop fetching SOURCE until it is resumed.\n\nExample: onnews sources pause 12",
)
_state_command(
    "resume",
    "active",
    "is fetched again",
    "Fetch SOURCE again.\n\nExample: onnews sources resume 12",
)


@sources.command()
@click.argument("source")
def remove(source: str) -> None:
    """Remove SOURCE; its articles stay.

    Example: onnews sources remove 12
    """

    async def work() -> None:
        async with archive(create=True) as opened:
            found = await source_named(opened, source)
            await opened.sources.remove(found.id)
            click.echo(f"{found.name} is removed; its articles stay in the archive")

    carry_out(work())


@sources.command("set")
@click.argument("source")
@FULL_TEXT
@PICTURES
@PAYWALLED
@GENERAL
@APPROVAL
@TRANSLATE
def set_use(
    source: str,
    *,
    full_text: str | None,
    pictures: str | None,
    paywall: bool | None,
    general: bool | None,
    approval: bool | None,
    translate: str | None,
) -> None:
    """Set what of SOURCE may be shown, its kind, and its approval.

    These are where its texts and pictures may be shown, whether it has a paywall, whether it is
    a general paper, from which only articles about the trade go into sections, and whether its new
    articles wait for an editor.

    Example: onnews sources set WWD --full-text no --paywall
    """
    from storage.model import Show  # noqa: PLC0415  # keeps --help fast

    given = (full_text, pictures, paywall, general, approval, translate)
    if all(each is None for each in given):
        fail(
            "say what to change: --full-text, --pictures, --paywall, --general, --approval or "
            "their opposites"
        )

    async def work() -> None:
        async with archive(changes=True) as opened:
            found = await source_named(opened, source)
            await opened.sources.set_use(
                found.id,
                full_text=None if full_text is None else Show(full_text),
                pictures=None if pictures is None else Show(pictures),
                paywall=paywall,
                general=general,
                approval=approval,
                translate=None if translate is None else translate == "yes",
            )
            now = await opened.sources.get(found.id)
        if now is not None:
            click.echo(
                f"{now.name}: full text {now.full_text}, pictures {now.pictures}, "
                f"paywall {PAYWALL[now.paywall]}, kind {KIND[now.general]}, "
                f"{APPROVED[now.approval]}{'' if now.translate else ', never translated'}"
            )

    carry_out(work())


sources.add_command(lists.export)
sources.add_command(lists.import_)
