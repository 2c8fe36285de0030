"""Short plain texts: buttons, callback answers, commands, names, date patterns.

Code uses the keys; catalogues translate the English texts. `%(name)s` takes a value. Every key must
be used.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plural:
    """A text with singular and plural forms, chosen by its value `num`."""

    one: str
    many: str


LABELS: dict[str, str | Plural] = {
    # A category
    "follow": "Follow",
    "follow_here": "Follow here",
    "follow_category": "Follow %(category)s",
    "unfollow": "Unfollow",
    "unfollow_category": "Unfollow %(category)s",
    "more_or_less": "Show more or less",
    # A story
    "read": "Read here",
    "open": "Open",
    "save": "Save",
    "saved": "Saved",
    "unsave": "Remove from saved",
    "send": "Send",
    "send_one": "Send a story",
    "more_like_this": "More like this",
    "less_of_this": "Less of this",
    "more_buttons": "More…",
    "next_story": "Next story",
    "last_story": "That was the last story.",
    # Under an edition
    "all_reports": Plural("%(num)s report", "All %(num)s reports"),
    "both_reports": "Both reports",
    "why_these": Plural("Why this one", "Why these"),
    "more_stories": "More",
    "change_look": "Change layout",
    "cannot_see": "Can’t see it?",  # noqa: RUF001  # an apostrophe
    "always_plain": "Always like this",
    "see_front_page": "See it as a front page",
    "now_plain": "Your editions will look like this from now on. Change the layout in /settings.",
    "newer_edition": "There is a newer edition. Use the button below it.",
    "is_plain": "This is already the plain version.",
    # Stored data
    "export": "Download my data",
    "forget": "Delete everything",
    "forget_now": "Yes, delete everything",
    "keep_all": "No, keep everything",
    "own_data": "My own data",
    "export_for_programs": "All data about this chat (JSON)",
    "export_to_read": "The same data, as a readable page",
    # Navigation
    "back": "Back",
    "next": "Next",
    "previous": "Previous",
    "older": "Older",
    "newer": "Newer",
    "done": "Done",
    "numbers_shown": "Type a number from %(first)s to %(last)s.",
    "list_ends": "That’s the end of this list.",  # noqa: RUF001  # an apostrophe
    "undo": "Undo",
    "undone": "Undone. Everything is as before.",
    # The desk
    "counted": "%(text)s (%(count)s)",
    "desk_drafts": "Drafts",
    "desk_published": "Published today",
    "desk_journal": "Journal",
    "desk_waiting": "Waiting",
    "desk_approval": "Sources to approve",
    "publish": "Publish",
    "discard": "Discard",
    "publish_all": "Publish all (%(number)s)",
    "waiting_published": "Published.",
    "waiting_discarded": "Discarded.",
    "all_published": Plural("%(num)s story published.", "%(num)s stories published."),
    "published_before": "Another editor has already published this.",
    "discarded_before": "Another editor has already discarded this.",
    "waiting_gone": "This story is no longer waiting: somebody decided, "
    "or nobody looked for two days.",
    "open_waiting": "See the stories",
    "to_desk": "Desk",
    "ask_to_publish": "Ask to publish",
    "publish_later": "Publish at…",
    "edit": "Edit",
    "lead_until": "Lead until…",
    "as_alert": "Alert",
    "join_story": "Join that story",
    "take_back": "Take it back",
    "headline": "Headline",
    "standfirst": "Summary",
    "picture": "Picture",
    "no_picture": "No picture",
    "filed_chosen": "Chosen",
    "choose_one": "Choose at least one category.",
    "draft_language": "Language",
    "no_lead": "Not the lead",
    "lead_for_followers": "For those who follow its categories",
    "lead_for_all": "For everybody",
    "draft_published": "Published.",
    "draft_changed": "Another editor changed this draft. Here it is now.",
    "desk_find": "Find a story",
    "typo_title": "Headline: typo",
    "fact_title": "Headline: wrong fact",
    "typo_standfirst": "Summary: typo",
    "fact_standfirst": "Summary: wrong fact",
    "refile": "Change categories",
    "join_event": "Join with another report",
    "part_event": "Split from its event",
    "hide_story": "Hide",
    "withdraw_story": "Withdraw",
    "look_again": "Refresh",
    "changed_first": "Somebody changed this story first. This is how it is now.",
    "join_itself": "That is this same story. Send another report of its event.",
    "join_again": "These two are already reports of the same event.",
    "join_unknown": "I don\u2019t have that story. Send its link, number or headline.",
    "story_withdrawn": "This story was withdrawn.",
    "story_barred": "Editors withdrew or hid this story, so it isn’t published.",  # noqa: RUF001  # an apostrophe
    "story_deleted": "This story has been deleted.",
    "error_blocked": "blocked",
    "error_deleted": "message deleted",
    "error_too_old": "message too old",
    "error_gone": "chat gone",
    "error_refused": "refused by Telegram",
    "error_unrecorded": "sent before corrections existed",
    "suggest": "Suggest to the editors",
    "read_story": "Read the story",
    "desk_tips": "Tips",
    "make_draft": "Make a draft",
    "tip_gone": "Another editor has already decided about this link.",
    "no_right": "You may write drafts, but not publish.",
    "no_right_to_write": "You may publish, but not write drafts.",
    "not_your_draft": "You may only discard your own drafts.",
    "not_your_change": "You may only undo your own changes.",
    "not_your_act": "Only operators change rights.",
    "undo_act": "Undo no. %(number)s",
    "undo_undone": "Undone.",
    "undo_already": "This has already been undone.",
    "undo_late": "More than an hour has passed. This can no longer be undone.",
    "undo_deleted": "This story has been deleted. Nothing was undone.",
    "undo_changed": "It has been changed again since. Nothing was undone.",
    "undo_never": "This cannot be undone.",
    "add_editor": "Add an editor",
    "right_write": "Write drafts",
    "right_both": "Write and publish",
    "right_publish": "Publish only",
    "remove_editor": "Remove this editor",
    "editor_removed": "Removed.",
    "paused_until": "Paused until %(day)s.",
    # Settings
    "settings": "Settings",
    "managed": "My channels and groups",
    "add_channel": "Add a channel",
    "add_group": "Add me to a group",
    "choose_channel": "Choose a channel",
    "try_again": "Try again",
    "still_closed": "I still can’t write there.",  # noqa: RUF001  # an apostrophe
    "topic_open_again": "I can write here again.",
    "remove_from_list": "Remove from this list",
    "stop_editions": "Stop editions",
    "topics_per_section": "One topic per section",
    "topics_need_sections": "First choose sections in /category: each gets a topic.",
    "topics_need_rights": "Make me an administrator who may manage topics, then tap again.",
    "preview_first": "Preview the first edition",
    "post_first": "Post the first edition now",
    "first_posted": "The first edition is posted.",
    "first_has_nothing": "No news this week, so there is nothing to post yet.",
    "first_waits": "Telegram needs a little longer. The first edition will arrive by itself.",
    "first_refused": "Telegram refused the first edition. Check that I may post there.",
    "set_up_group": "Set up",
    "set_up_in_private": "Set up in our private chat",
    "follow_in_private": "Follow in private",
    "more_in_category": "More stories: %(category)s",
    "hour": "Time",
    "days": "Days",
    "every_day": "Every day",
    "weekdays": "Monday to Friday",
    "weekend": "Saturday and Sunday",
    "evening": "Evening edition",
    "one_a_day": "No evening edition",
    "zone": "Time zone",
    "language": "Language",
    "article_languages": "News languages",
    "layout": "Layout",
    "layout_front-page": "Front page",
    "layout_summaries": "Summaries",
    "layout_headlines": "Headlines",
    "sound": "Sound",
    "on": "On",
    "off": "Off",
    "alerts_only": "Alerts only",
    "editions_only": "Editions only",
    "all_of_them": "All",
    "editions": "Editions",
    "alerts": "Alerts",
    "yours": "Your choices",
    "yours_here": "Followed",
    "categories": "Categories",
    "pause": "Pause",
    "resume": "Resume",
    "share_location": "Share my location",
    "sources": "Sources",
    # How much of a subject; buttons capitalise the first letter
    "level_off": "off",
    "level_less": "less",
    "level_normal": "normal",
    "level_more": "more",
    # Kinds of categories
    "sections": "Sections",
    "more_sections": "More sections",
    "markets": "Markets",
    "houses": "Houses",
    "groups": "Groups",
    # Answers to a tap
    "now_followed": "You now follow %(category)s.",
    "now_followed_first": "You now follow %(category)s. Your first edition: %(when)s.",
    "now_followed_next": "You now follow %(category)s. Your next edition: %(when)s.",
    "now_followed_paused": "You now follow %(category)s. Your editions are paused until %(day)s.",
    "now_followed_stopped": "You now follow %(category)s. Your editions are stopped; "
    "/start brings them back.",
    "already_followed": "You already follow %(category)s.",
    # Answers in a group, a topic or a channel; each begins with one of these three names
    "this_group": "This group",
    "this_topic": "This topic",
    "this_channel": "This channel",
    "now_followed_here": "%(here)s now follows %(category)s.",
    "now_followed_first_here": "%(here)s now follows %(category)s. First edition: %(when)s.",
    "now_followed_next_here": "%(here)s now follows %(category)s. Next edition: %(when)s.",
    "now_followed_paused_here": "%(here)s now follows %(category)s. "
    "Editions are paused until %(day)s.",
    "now_followed_stopped_here": "%(here)s now follows %(category)s. Editions are stopped.",
    "now_unfollowed_here": "%(here)s no longer follows %(category)s.",
    "now_off_here": "%(name)s is off.",
    "now_less_here": "%(name)s: fewer stories from now on.",
    "now_normal_here": "%(name)s is back to normal.",
    "now_more_here": "%(name)s: more stories from now on.",
    "now_alerted_here": "%(category)s news will arrive here as it breaks.",
    "now_unalerted_here": "%(category)s news will wait for the edition.",
    "when_today": "today at %(time)s, %(city)s time",
    "when_tomorrow": "tomorrow at %(time)s, %(city)s time",
    "when_day": "%(day)s at %(time)s, %(city)s time",
    "what_is_kept": "What is kept about you",
    "what_is_kept_here": "What is kept about this chat",
    "change_time": "Change the time",
    "change_city": "Change the city",
    "now_unfollowed": "You no longer follow %(category)s.",
    "now_off": "%(name)s is off.",
    "now_less": "%(name)s: fewer stories from now on.",
    "now_normal": "%(name)s is back to normal.",
    "now_more": "%(name)s: more stories from now on.",
    "now_saved": "Saved. Find it in /saved.",
    "now_unsaved": "Removed from your reading list.",
    "button_is_old": "This button no longer works. Please ask again.",
    "not_your_button": "Only administrators can change this.",
    "ask_again": "One moment, please. Try again in a minute.",
    "group_is_full": "Telegram won’t let me post more here for a minute. "  # noqa: RUF001
    "Read it in our private chat: %(link)s",
    "stories": Plural("%(num)s story", "%(num)s stories"),
    # Conversations
    "latest": "Latest",
    "all_news": "All news",
    "what_i_follow": "What I follow",
    "what_i_follow_here": "What this chat follows",
    "choose_categories": "Choose categories",
    "choose_for_me": "Choose for me",
    "keep": "Keep %(value)s",
    "open_source": "Open the source",
    "open_card": "Open the story",
    "open_in_bot": "Open in ON News",
    "open_on_news": "Open ON News",
    "did_you_mean": "Did you mean %(category)s?",
    "set_up": "Set up my morning edition",
    "reading_list": "Reading list",
    "sent_to_friends": "Sent to friends",
    "all_words": "Search for all these words",
    "all_of_source": "All of %(source)s",
    "search_this": "Search the news",
    "alerts_on": "Alert me",
    "alerts_off": "Stop alerts",
    "now_alerted": "You’ll get %(category)s news as it breaks.",  # noqa: RUF001  # an apostrophe
    "now_unalerted": "%(category)s news will wait for your edition.",
    "all_languages": "All languages",
    "empty_note": "Tell me when nothing is new",
    "mute": "Mute",
    "mute_word": "Mute a word",
    "follow_a_word": "Follow a keyword",
    "follow_word": "Follow “%(word)s”",
    "quoted": "“%(word)s”",
    "quiet_hours": "Quiet hours",
    "alerts_a_day": "Alerts a day, at most",
    "no_quiet_hours": "No quiet hours",
    "pause_days": Plural("%(num)s day", "%(num)s days"),
    "time_of": "%(city)s time",
    "one_moment": "One moment, please. I’ll answer shortly.",  # noqa: RUF001  # an apostrophe
    "private": "This bot is private",
    "private_ask": "This bot is private. To use it, ask whoever runs it to let you in: %(id)s",
    "went_wrong": "Something went wrong. The error has been logged; please try again in a moment.",
    "city_milan": "Milan",
    "city_paris": "Paris",
    "city_madrid": "Madrid",
    "city_london": "London",
    "city_new-york": "New York",
    "city_dubai": "Dubai",
    "city_shanghai": "Shanghai",
    "city_hong-kong": "Hong Kong",
    "city_tokyo": "Tokyo",
}

PAGE: dict[str, str | Plural] = {
    "page_morning": Plural(
        "Good morning. One story: %(names)s.",
        "Good morning. %(stories)s stories: %(names)s.",
    ),
    "page_afternoon": Plural(
        "Good afternoon. One story: %(names)s.",
        "Good afternoon. %(stories)s stories: %(names)s.",
    ),
    "page_evening": Plural(
        "Good evening. One story: %(names)s.",
        "Good evening. %(stories)s stories: %(names)s.",
    ),
    "page_catch_up": Plural(
        "Since the last edition, one story: %(names)s.",
        "Since the last edition, %(stories)s stories: %(names)s.",
    ),
    "page_week": Plural(
        "The week in one story: %(names)s.",
        "The week in %(stories)s stories: %(names)s.",
    ),
    "page_all_still": "Nothing new since the last edition. Still worth reading: %(names)s.",
    "page_all_added": "Nothing is new yet in what you follow. Here is some of the latest:",
    "page_some_added": "That’s all for now in what you follow. Also in the news:",  # noqa: RUF001
    "and_more": Plural("and one more", "and %(num)s more"),
    "evening_edition": "evening edition",
    "minutes": Plural("one minute", "%(minutes)s minutes"),
    "ran": Plural("%(days)s, %(num)s source", "%(days)s, %(num)s sources"),
    "photo_by": "Photo: %(source)s",
    "update": "Update",
    "corrected_at": "corrected %(time)s",
    "corrected_on": "corrected %(day)s",
    "withdrawn": "Withdrawn",
    "withdrawn_why": "Withdrawn: %(reason)s",
    "withdrawn_taken_back": "Withdrawn: the editors took it back.",
    "also_in": "also in %(sources)s",
    "also_in_more": Plural(
        "also in %(sources)s and one other", "also in %(sources)s and %(num)s others"
    ),
    "more_in": Plural("%(category)s: one more story", "%(category)s: %(num)s more stories"),
    "and_others": Plural("and one more story", "and %(num)s more stories"),
    "chosen_from": Plural("Chosen from one source", "Chosen from %(num)s sources"),
    "sources_since": Plural("One source since %(when)s", "%(num)s sources since %(when)s"),
    "at_today": "%(clock)s today",
    "at_yesterday": "yesterday %(clock)s",
    "at_day": "%(day)s, %(clock)s",
    "unread": "%(names)s: most stories are in %(languages)s, so they are left out here.",
    "not_wanted": "not what you wanted?",
    # Below a story that is read in the chat
    "continue_at": "Continue at %(source)s",
    "read_at": "Read it at %(source)s",
}
"""Texts of pages laid out in blocks: plain texts that need not fit on a button."""

COMMANDS: dict[str, str] = {
    "latest": "The latest headlines",
    "category": "Choose what you follow",
    "digest": "Your edition, now",
    "search": "Search the news",
    "saved": "Your reading list",
    "corrections": "What we got wrong, and when",
    "settings": "Time, days, layout, language",
    "stop": "Stop your editions",
    "privacy": "What is kept about you",
    "help": "What I can do",
}
"""The commands in Telegram's menu, in this order; at most 256 characters each."""

EDITORS_COMMANDS: dict[str, str] = {"desk": "Drafts, what was published, corrections"}
"""The commands that Telegram's menu adds in the private chat of an editor."""
OPERATORS_COMMANDS: dict[str, str] = {"editors": "Who may write and publish"}
"""The commands that it adds in the private chat of an operator."""

DESCRIPTION = (
    "The luxury business: only what you follow, when you want it.\n\n"
    "Follow sections, markets and houses, and choose your days and time. "
    "Each edition is short: every story once, linked to its source. "
    "Ask for the latest at any time, save stories for later, send one to a friend."
)
"""The text that Telegram shows in an empty chat with the bot; at most 512 characters."""

SHORT_DESCRIPTION = "The luxury business in short editions: only what you follow, when you want it."
"""The text in the bot's profile and in shared links to it; at most 120 characters."""

SECTIONS = (
    "Style",
    "eCommerce",
    "eLuxury",
    "Motor",
    "Watches",
    "Jewellery",
    "Beauty",
    "Yachts",
    "Tourism",
    "Real Estate",
    "Art",
    "Events",
    "Sport",
    "Technology",
    "Business",
    "Learning",
    "Job",
    "Videos",
)
MARKETS = (
    "China",
    "Asia",
    "Japan",
    "Korea",
    "India",
    "Dubai",
    "Middle East",
    "Europe",
    "Italy",
    "France",
    "United Kingdom",
    "Spain",
    "Switzerland",
    "United States",
)
"""Names of markets; these and sections are translated, unlike houses and groups."""

SAMPLES = (
    (
        "style",
        "Prada buys Versace for 1.25 billion euros",
        "The deal creates an Italian group of two families.",
        "Fashion Daily",
    ),
    (
        "motor",
        "Ferrari raises its forecast after a record third quarter",
        "Maranello sold fewer cars and earned more with each.",
        "Motor Daily",
    ),
    (
        "motor",
        "Bentley’s new director wants every second car made to measure",  # noqa: RUF001
        "Crewe’s coachbuilders are to double in number.",  # noqa: RUF001
        "Motor Daily",
    ),
)
"""Sample stories that show a layout: category, headline, standfirst and source."""

SAMPLE_CONTEXT = "sample of a layout"

COUNTS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
"""Numbers of stories in words, starting with one; larger numbers are written in digits."""

COUNT_CONTEXT = "number of stories"

LIST_CONTEXT = "last of a list of categories"
AND_MORE = "more"
"""The last item of a list, in place of those without room: “Style, Motor, China and more”."""

BEHIND_PAYWALL = "%(source)s (paywall)"
"""A source's name for an article that needs a subscription."""
AND_THEN = "%(first)s, %(then)s"
"""Two clauses of a line: “Vogue, also in Elle”. `lists.py` joins the names of a list."""
CATEGORY_CONTEXT = "category"
"""The gettext context that distinguishes a category's name from the same word elsewhere."""

TIMES = {
    "just_now": "just now",
    "minutes_ago": "%(num)s min ago",
    "today_at": "today %(clock)s",
    "today": "today",
    "yesterday": "yesterday",
    "yesterday_at": "yesterday %(clock)s",
    "tomorrow_at": "tomorrow %(clock)s",
}
"""Short forms of a time; a day alone is also a heading, capitalised."""

DATES = {
    "weekday": "EEEE d MMMM",
    "day": "d MMM",
    "day_of_year": "d MMM y",
    "weekday_of_year": "EEEE d MMMM y",
    "clock": "HH:mm",
    "from_to": "%(first)s–%(last)s",  # noqa: RUF001  # from one day to another
    "days_of_a_month": "d–d MMM",  # noqa: RUF001  # both ends, divided as in the line above
    "day_and_clock": "%(day)s, %(clock)s",
    "moment": "EEE d MMM, HH:mm",
    "moment_of_year": "EEE d MMM y, HH:mm",
}
"""CLDR date patterns, translated like words, and the texts that combine the dates.

`M月d日 EEEE` is a translation of the first pattern.
"""

DATE_CONTEXT = "date pattern"
