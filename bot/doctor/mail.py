"""The check of the mailbox of newsletters: it is opened, and nothing in it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.counted import counted
from bot.doctor.findings import Finding, error, ok, warning
from news.mail.mailbox import MailboxError

if TYPE_CHECKING:
    from news.mail.mailbox import Mailbox

NAME = "mailbox"


async def look_at_mailbox(mailbox: Mailbox) -> list[Finding]:
    """Log in and open the folder for reading."""
    try:
        number = await mailbox.count()
    except MailboxError as failure:
        return [error(NAME, str(failure), _REMEDIES.get(failure.reason, _LOOK))]
    detail = f"{mailbox.address.folder} can be read: {counted(number, 'letter')}"
    if not mailbox.address.authserv:
        advice = (
            "set MAIL_IN_AUTHSERV to the first word of Authentication-Results in your letters; "
            "without it no letter is taken"
        )
        return [warning(NAME, detail, advice)]
    return [ok(NAME, detail)]


_LOOK = "see that the host and port in MAIL_IN are right and its server runs"
_REMEDIES = {
    "the password was refused": "correct the user in MAIL_IN, or MAIL_IN_PASSWORD; many providers "
    "want a password for this program alone",
    "there is no such folder": "correct the folder in MAIL_IN",
}
