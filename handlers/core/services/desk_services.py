"""Who may use the desk, and the services behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.model.desk_model import ALL_RIGHTS, NO_RIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from digest.planning.alerts import AlertPlanner
    from news.approval import Approval
    from news.page_reader import PageReader
    from news.publishing import Publisher
    from news.round_results import RoundResults
    from storage.backup.decision_list import DecisionList
    from storage.desk.amendments import Amendments
    from storage.desk.coming_dates import ComingDates
    from storage.desk.complaints import Complaints
    from storage.desk.corrections import Corrections
    from storage.desk.drafts import Drafts
    from storage.desk.editors import Editors
    from storage.desk.journal import Journal
    from storage.desk.pins import Pins
    from storage.desk.tips import Tips
    from storage.desk.waiting import WaitingArticles
    from storage.model.desk_model import Rights
    from storage.replicas.named_people import NamedPeople


class EditingRights:
    """Knows what each person may do at the desk; `people` are EDITOR_IDS and the operators.

    The database is read each time, so that a right that was taken away no longer holds at the next
    tap or text, in every process.
    """

    def __init__(
        self, editors: Editors, people: NamedPeople, permits: Callable[[int], bool]
    ) -> None:
        self._editors = editors
        self._people = people
        self._permits = permits

    @property
    def named(self) -> frozenset[int]:
        """Ids in EDITOR_IDS, without operators."""
        return self._people.editors - self._people.admins

    @property
    def always(self) -> frozenset[int]:
        """Ids in EDITOR_IDS and those of operators, who always have both rights."""
        return self._people.editors | self._people.admins

    async def of(self, person_id: int) -> Rights:
        """Return what a person may do now; nothing if the person may not use the bot."""
        return await self.given(person_id) if self._permits(person_id) else NO_RIGHTS

    async def given(self, person_id: int) -> Rights:
        """Return the rights that a person has been given, who may be banned by now."""
        return ALL_RIGHTS if person_id in self.always else await self._editors.rights(person_id)

    async def people(self) -> frozenset[int]:
        """Return the ids of all who have been given a right."""
        return self.always | {each.person_id for each in await self._editors.all()}

    async def names(self) -> dict[int, str]:
        """Return by id how editors see each of them: by name, or by number until one is chosen."""
        chosen = await self._editors.names()
        return {each: chosen.get(each, str(each)) for each in await self.people()}

    async def may_publish(self, person_id: int | None) -> bool:
        """Return whether a person may publish now; None is a person who was forgotten."""
        return person_id is not None and (await self.of(person_id)).publish

    async def publishers(self) -> list[int]:
        """Return the ids of all who may publish now."""
        added = {each.person_id for each in await self._editors.all() if each.rights.publish}
        return sorted(filter(self._permits, self.always | added))


@dataclass(frozen=True, slots=True)
class DeskServices:
    """The services behind the desk."""

    rights: EditingRights
    editors: Editors
    journal: Journal
    waiting: WaitingArticles
    approval: Approval
    drafts: Drafts
    pages: PageReader
    results: RoundResults
    publisher: Publisher
    alerts: AlertPlanner
    amendments: Amendments
    pins: Pins
    dates: ComingDates
    corrections: Corrections
    correct_soon: Callable[[], None]
    """Wakes the corrector of delivered messages."""
    tips: Tips
    tips_on: bool
    """Whether readers may suggest links (TIPS)."""

    complaints: Complaints
    decision_list: DecisionList | None
    """Repeats what was withdrawn beside the backups; None if there is no folder for it."""

    async def decided(self) -> None:
        """Have copies edited as an editor decided, and a restore keep what was decided."""
        self.correct_soon()
        if self.decision_list is not None:
            await self.decision_list.keep_up()

    async def takes_tips(self) -> bool:
        """Return whether readers may suggest links, and somebody could publish them."""
        return self.tips_on and await self.has_editors()

    async def has_editors(self) -> bool:
        """Return whether somebody may use the desk, whom readers can tell what is wrong."""
        return bool(self.rights.always or await self.editors.all())

    async def sent_lately(self, subscriber_id: int, now: datetime) -> dict[str, Sequence[datetime]]:
        """Return `tips` and `complaints` → when a reader sent them within the last day."""
        return {
            "tips": await self.tips.times(subscriber_id, now),
            "complaints": await self.complaints.times(subscriber_id, now),
        }
