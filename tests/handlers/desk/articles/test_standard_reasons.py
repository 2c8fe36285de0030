"""A withdrawal's standard reason is stored in English, and read in each reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.timing.schedule import next_due
from handlers.taps.amend_data import WithdrawFor
from handlers.taps.callback_codec import base36
from playground.world.chats import Status
from storage.desk.amended_rows import seen_as
from storage.model import ChatKind, Layout
from storage.model.desk_model import ALL_RIGHTS, Rights
from tests.handlers.desk.acting import ON_EACH_DATABASE, opened_story, rights, turned

if TYPE_CHECKING:
    from tests.handlers.desk.conftest import Newsdesk

READ = {
    "en": "Its facts are wrong.",
    "it": "I fatti riportati sono sbagliati.",
    "es": "Los hechos son erróneos.",
    "fr": "Les faits sont inexacts.",
    "zh": "内容与事实不符。",
}


@ON_EACH_DATABASE
async def test_a_standard_reason_reaches_each_reader_in_the_readers_language(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    archive = bureau.onnews.archive
    readers = {}
    for language in READ:
        for layout in (Layout.SUMMARIES, Layout.FRONT_PAGE):
            reader = await bureau.reader(f"{language} {layout.value}", language, ("style",))
            subscriber = await bureau.subscriber(reader)
            await archive.subscribers.change(subscriber.id, layout=layout)
            readers[language, layout] = reader
    channel = bureau.town.channel("Moda", [eva], bot=False)
    channel.raw.members[bureau.town.world.bot.id] = Status.ADMINISTRATOR
    stored, _ = await archive.subscribers.ensure(
        channel.id,
        kind=ChatKind.CHANNEL,
        language="it",
        zone="Europe/Rome",
        digest_minute=8 * 60,
        now=bureau.clock.now,
    )
    await archive.subscribers.follow(stored.id, "style")
    await archive.subscribers.change(stored.id, next_at=next_due(stored, bureau.clock.now))
    story = await bureau.desk.print_("Prada buys Versase", "style")
    await bureau.desk.print_("Gucci opens in Milan", "style")
    bureau.clock.pass_(days=1)
    await bureau.send_what_is_due()
    for reader in readers.values():
        await reader.next()
    bureau.town.world.inline_feedback = True
    sender = readers["fr", Layout.SUMMARIES]
    friends = bureau.town.direct(sender, bureau.town.person("Ben"))
    (result,) = await sender.inline(f"#{base36(story)}", friends)
    await sender.choose(result, friends)
    await bureau.heard()
    await eva.tap("Withdraw", await opened_story(eva, str(story)))
    asked = await eva.next()
    page = await turned(eva, READ["en"], asked)
    assert f"Withdrawn: {READ['en']}" in page.text
    # An older program shows what is stored.
    assert await archive.amendments.reason(story) == READ["en"]
    for (language, _), reader in readers.items():
        assert READ[language] in str((await reader.next()).record.body)
    await bureau.town.until(lambda: READ["it"] in channel.messages[-1].text)
    await bureau.town.until(lambda: READ["fr"] in friends.messages[-1].text)
    # The button comes back later.
    article = await archive.articles.get(story)
    assert article is not None
    answer = await eva.tap(WithdrawFor(story, 1, "0").pack(), page)
    assert answer.text.startswith("This story has changed since.")
    await eva.tap(WithdrawFor(story, 4, f"{seen_as(article):x}").pack(), page)
    assert await archive.amendments.reason(story) == READ["en"]


async def test_a_standard_reason_asks_for_the_right_to_publish_of_that_moment(
    newsdesk: Newsdesk,
) -> None:
    bureau = newsdesk.bureau
    will = await bureau.reader("Will")
    await rights(newsdesk, will, ALL_RIGHTS)
    story = await bureau.desk.print_("Prada buys Versase", "style")
    await will.tap("Withdraw", await opened_story(will, str(story)))
    asked = await will.next()
    await rights(newsdesk, will, Rights(write=True))
    answer = await will.tap(READ["en"], asked)
    assert answer.text == "You can write drafts, but not publish."
    article = await bureau.onnews.archive.articles.get(story)
    assert article is not None
    assert article.state is None
