"""The settings, read once from the environment and `.env` into a frozen object.

Functions that read `.env` raise SettingError if it cannot be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from dotenv.parser import Binding, parse_stream

from bot.configuration import setting_values
from digest.planning.paid_broadcast import FREE_RATE, PAID_RATE, PER_STAR
from news.fetch.proxy import Proxies, Proxy
from storage.model import Layout
from storage.replicas.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from ipaddress import IPv4Network, IPv6Network

T = TypeVar("T")


class SettingError(Exception):
    """A setting is missing or wrong; the text is one line that says what to do."""

    def __init__(self, name: str, advice: str) -> None:
        super().__init__(f"{name}: {advice}")
        self.name = name
        self.advice = advice


def _setting(parse: Callable[[str], T], default: T, *, secret: bool = False) -> T:
    """Return a dataclass field with the function that parses its text.

    `parse` raises ValueError with advice. A `secret` stays out of the object's repr.
    """
    made: Any = field(default=default, repr=not secret, metadata={"parse": parse})
    return made  # type: ignore[no-any-return]  # dataclasses hide a field behind its type


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. The environment variable has the field's name in capitals.

    Times are in seconds unless the text under a field says otherwise.
    """

    telegram_bot_token: str = _setting(setting_values.token, "", secret=True)
    telegram_api_url: str = _setting(setting_values.api_url, "https://api.telegram.org")
    webhook_url: str = _setting(setting_values.webhook_url, "")
    """The URL to which Telegram posts updates; empty to poll instead."""
    webhook_listen: tuple[str, int] = _setting(setting_values.listen, ("127.0.0.1", 8080))
    """Host and port on which the bot listens for Telegram's updates."""
    webhook_secret: str = _setting(setting_values.secret, "", secret=True)
    database_url: str = _setting(setting_values.database, "sqlite:///var/onnews.db", secret=True)
    roles: tuple[Role, ...] = _setting(setting_values.roles, tuple(Role))
    """The work that this process takes on; on SQLite always all of it."""
    admin_ids: tuple[int, ...] = _setting(setting_values.people, ())
    editor_ids: tuple[int, ...] = _setting(setting_values.people, ())
    """People who may publish in chat, besides the operators and those added by `/editors`."""
    tips: bool = _setting(setting_values.flag, default=True)
    """Whether readers may suggest links to the editors."""
    allowed_ids: tuple[int, ...] = _setting(setting_values.ids, ())
    """People and groups that may use the bot; empty for everybody."""
    operator_name: str = _setting(setting_values.line, "")
    """The name of the bot's operator, shown in /privacy; OPERATOR_CONTACT is the address."""
    operator_contact: str = _setting(setting_values.line, "")
    pictures_chat: int | None = _setting(setting_values.chat, None)
    """The chat to which story pictures are uploaded; None for the first operator's chat."""
    default_language: str = _setting(setting_values.language, "en")
    default_timezone: str = _setting(setting_values.zone, "")
    """The IANA time zone of new readers; empty to choose it by a reader's language."""
    default_digest_time: int = _setting(setting_values.minute_of_day, 8 * 60)
    """The time of a new reader's edition in minutes after local midnight."""
    default_layout: Layout = _setting(setting_values.layout, Layout.SUMMARIES)  # noqa: RUF009  # returns a field
    edition_size: int = _setting(setting_values.between(1, 30, "stories"), 12)
    source_packs: tuple[str, ...] = _setting(setting_values.packs, ())
    """Languages and trades of the sources that a new archive starts with; empty for all."""
    fetch_every: int = _setting(setting_values.between(1, 86_400, "seconds"), 60)
    allow_private_sources: bool = _setting(setting_values.flag, default=False)
    https_proxy: Proxy | None = _setting(Proxy.of, None)  # noqa: RUF009  # returns a field
    http_proxy: Proxy | None = _setting(Proxy.of, None)  # noqa: RUF009  # returns a field
    all_proxy: Proxy | None = _setting(Proxy.of, None)  # noqa: RUF009  # returns a field
    no_proxy: tuple[str, ...] = _setting(setting_values.hosts, ())
    telegram_proxy: Proxies | None = _setting(setting_values.own_proxy, None)  # noqa: RUF009  # returns a field
    sources_proxy: Proxies | None = _setting(setting_values.own_proxy, None)  # noqa: RUF009  # returns a field
    model_url: str = _setting(setting_values.model_url, "")
    """The base address of a model server that translates headlines; empty for no translations."""
    model_name: str = _setting(setting_values.model_name, "")
    model_key: str = _setting(setting_values.model_key, "", secret=True)
    model_tokens_a_day: int = _setting(
        setting_values.between(1_000, 999_999_999, "tokens"), 500_000
    )
    """The most tokens that the model may read and write in a day of UTC."""
    mail_in: str = _setting(setting_values.mail_in, "")
    """The mailbox whose newsletters are read, `imaps://user@host/folder`; empty for none."""
    mail_in_password: str = _setting(setting_values.mail_password, "", secret=True)
    mail_in_authserv: str = _setting(setting_values.authserv, "")
    """The name with which the mailbox's server signs its checks of senders."""
    messages_per_second: int = _setting(setting_values.between(1, PAID_RATE, "messages"), 25)
    early_minutes: int = _setting(setting_values.between(0, 60, "minutes"), 0)
    """How many minutes before their time editions may be sent if many are due together."""
    paid_broadcast: bool = _setting(setting_values.flag, default=False)
    metrics_address: tuple[str, int] | None = _setting(setting_values.address, None)
    """Host and port of `/healthz` and `/metrics`; None for neither."""
    pages_url: str = _setting(setting_values.pages_url, "")
    """The address under which chats find their editions on a page; empty for no pages."""
    pages_listen: tuple[str, int] = _setting(setting_values.listen, ("127.0.0.1", 8081))
    """Host and port on which the bot serves those pages."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = _setting(setting_values.networks, ())
    """Addresses of proxies that may open many connections, besides this machine's own."""
    backup_dir: Path | None = _setting(setting_values.folder, None)  # noqa: RUF009  # returns a field
    """The folder of the nightly backups; None for no backups."""
    backup_keep: int = _setting(setting_values.between(1, 1000, "backups"), 7)
    keep_deliveries_days: int = _setting(setting_values.days(30), 90)
    keep_shares_days: int = _setting(setting_values.days(30), 365)
    keep_articles_days: int = _setting(setting_values.days(200), 730)
    """Days for which articles are kept; at least 200, as the health of sources looks back so far.
    """
    keep_gone_readers_days: int = _setting(setting_values.days(30), 730)
    folder: Path | None = None
    """The folder for relative paths; None if unknown. It is no setting of its own."""
    log_level: str = _setting(setting_values.one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
    log_format: str = _setting(setting_values.one_of("text", "json"), "text")

    @property
    def timezone(self) -> str:
        """The IANA time zone of the process's own days: backups, delivery counts, forecasts."""
        return self.default_timezone or "Europe/Rome"

    @property
    def webhook_shares_port(self) -> bool:
        """Whether updates arrive on the port of `/healthz` and `/metrics`."""
        return bool(self.webhook_url) and self.webhook_listen == self.metrics_address

    @property
    def pages_share_port(self) -> bool:
        """Whether pages of editions are on the port of `/healthz` and `/metrics`."""
        return bool(self.pages_url) and self.pages_listen == self.metrics_address

    @property
    def pays(self) -> bool:
        """Whether messages may be sent above Telegram's free rate, which costs Stars."""
        return self.paid_broadcast and self.messages_per_second > FREE_RATE

    @property
    def telegram_proxies(self) -> Proxies:
        """The proxies for requests to Telegram."""
        return self._proxies if self.telegram_proxy is None else self.telegram_proxy

    @property
    def sources_proxies(self) -> Proxies:
        """The proxies for requests to sources."""
        return self._proxies if self.sources_proxy is None else self.sources_proxy

    @property
    def model_proxies(self) -> Proxies:
        """The proxies for requests to the model server."""
        return self._proxies

    @property
    def _proxies(self) -> Proxies:
        every = self.all_proxy
        return Proxies(self.https_proxy or every, self.http_proxy or every, self.no_proxy)

    def require_token(self) -> None:
        """Raise a SettingError if there is no token."""
        if not self.telegram_bot_token:
            raise SettingError(
                "TELEGRAM_BOT_TOKEN",
                "is missing; get one from @BotFather and write it into .env "
                "(./dev demo runs without one)",
            )


PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
"""Environment variables for proxies that most programs read."""

EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  # compared, not bound
"""Hosts that mean all addresses of this machine."""

FIELDS = tuple(setting for setting in fields(Settings) if setting.metadata)
NAMES = tuple(setting.name.upper() for setting in FIELDS)
"""The environment variables of all settings, in the order of `.env.example`."""


_SHOWN = 200
"""Characters of a path that an error shows at most."""
PROJECT = Path(__file__).resolve().parents[2]
"""The project's folder if this program runs from a checkout; else the folder of its packages."""


def place(named: Path | None, here: Path) -> tuple[Path | None, Path]:
    """Return the `.env` to read, or None, and the folder for relative paths.

    If `--env-file` names a file, that file and its folder are returned; SettingError if it does not
    exist. Otherwise it is the current folder if it has an `.env`; otherwise the project's folder;
    without a project, the current folder.
    """
    if named is not None:
        if not named.is_file():
            raise SettingError("--env-file", f"there is no file {named}; name an existing .env")
        return named, named.resolve().parent
    if (here / ".env").exists():
        return here / ".env", here
    folder = PROJECT if (PROJECT / "pyproject.toml").is_file() else here
    return (folder / ".env" if (folder / ".env").exists() else None), folder


def _from_folder(settings: Settings, folder: Path) -> Settings:
    database = settings.database_url
    relative = re.fullmatch(r"(sqlite(?:\+\w+)?:///)([^/:?][^?]*)(.*)", database)
    if relative:
        database = f"{relative[1]}{folder.resolve() / relative[2]}{relative[3]}"
    kept = settings.backup_dir
    return replace(
        settings,
        database_url=database,
        backup_dir=None if kept is None else folder.resolve() / kept,
        folder=folder.resolve(),
    )


def written(file: Path) -> Mapping[str, str | None]:
    """Return the names and values in a settings file, valid or not, except unparsable lines.

    Of a name with several lines, the last value that is not blank is returned.
    """
    found: dict[str, str | None] = {}
    for line in _lines(file):
        if line.key is not None and (line.key not in found or (line.value or "").strip()):
            found[line.key] = line.value
    return found


def unreadable_lines(file: Path) -> dict[int, str]:
    """Return the lines in a settings file that cannot be parsed: line number → text."""
    return {line.original.line: line.original.string for line in _lines(file) if line.error}


def _lines(file: Path) -> list[Binding]:
    if file.is_dir():
        raise SettingError(str(file), "is a folder; write the settings into a file of that name")
    try:
        # utf-8-sig, because some editors write a byte order mark.
        with file.open(encoding="utf-8-sig") as stream:
            return list(parse_stream(stream))
    except UnicodeDecodeError:
        raise SettingError(str(file), "is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise SettingError(str(file), f"cannot be read ({error.strerror})") from None


def _value(values: Mapping[str, str | None], name: str) -> str:
    """Return the text of a setting, empty if it is blank; proxies also have a lower-case name."""
    names = (name, name.lower()) if name in PROXIES else (name,)
    return next((text for each in names if (text := (values.get(each) or "").strip())), "")


def load(
    environ: Mapping[str, str], env_file: Path | None = None, folder: Path | None = None
) -> Settings:
    """Read the settings. The environment wins over the file; a blank value counts as not set.

    Without a folder relative paths stay relative. SettingError means that a value is wrong, or the
    file cannot be read.
    """
    settings, wrong = read(environ, env_file, folder)
    if wrong:
        raise wrong[0]
    return settings


def read(
    environ: Mapping[str, str], env_file: Path | None = None, folder: Path | None = None
) -> tuple[Settings, list[SettingError]]:
    """Read the settings as `load` does, but collect the errors of wrong ones.

    Each wrong setting has its default.
    """
    from_file = written(env_file) if env_file is not None else {}
    values: dict[str, Any] = {}
    wrong: list[SettingError] = []
    for setting in FIELDS:
        name = setting.name.upper()
        text = _value(environ, name) or _value(from_file, name)
        if not text:
            continue
        try:
            values[setting.name] = setting.metadata["parse"](text)
        except ValueError as error:
            wrong.append(SettingError(name, str(error)))
    settings = Settings(**values)
    if folder is not None:
        settings = _from_folder(settings, folder)
    return settings, [*wrong, *_contradictions(settings)]


def _contradictions(settings: Settings) -> Iterator[SettingError]:
    """Yield an error for each setting that contradicts another one or a file on the disk."""
    if settings.messages_per_second > FREE_RATE and not settings.paid_broadcast:
        yield SettingError(
            "MESSAGES_PER_SECOND",
            f"write at most {FREE_RATE}, or add PAID_BROADCAST=true: Telegram charges a "
            f"Star for {PER_STAR} messages above {FREE_RATE} a second (`onnews digest cost` "
            "says how many that would be)",
        )
    if len(settings.roles) < len(Role) and settings.database_url.startswith("sqlite"):
        yield SettingError(
            "ROLES",
            "on SQLite one process does all the work: remove ROLES, or share the work between "
            "several processes on PostgreSQL, named in DATABASE_URL",
        )
    yield from _model_contradictions(settings)
    yield from _mail_contradictions(settings)
    yield from _webhook_contradictions(settings)
    yield from _pages_contradictions(settings)
    folder = settings.backup_dir
    if folder is not None:
        try:
            is_file = folder.exists() and not folder.is_dir()
        except OSError as error:
            # The folder is another user's, or its name is too long.
            reason = f"cannot be used ({error.strerror}); name a folder that this user may write to"
            yield SettingError("BACKUP_DIR", f"{str(folder)[:_SHOWN]} {reason}")
        else:
            if is_file:
                yield SettingError("BACKUP_DIR", f"{folder} is a file; name a folder")


def _model_contradictions(settings: Settings) -> Iterator[SettingError]:
    if settings.model_url and not settings.model_name:
        yield SettingError("MODEL_URL", "has no effect without MODEL_NAME; name the model there")
    for name in ("MODEL_NAME", "MODEL_KEY"):
        if getattr(settings, name.lower()) and not settings.model_url:
            yield SettingError(name, f"has no effect without MODEL_URL; set that, or remove {name}")


def _mail_contradictions(settings: Settings) -> Iterator[SettingError]:
    if settings.mail_in and not settings.mail_in_password:
        yield SettingError("MAIL_IN", "has no effect without MAIL_IN_PASSWORD; write it there")
    for name in ("MAIL_IN_PASSWORD", "MAIL_IN_AUTHSERV"):
        if getattr(settings, name.lower()) and not settings.mail_in:
            yield SettingError(name, f"has no effect without MAIL_IN; set that, or remove {name}")


def _webhook_contradictions(settings: Settings) -> Iterator[SettingError]:
    is_telegrams = urlsplit(settings.telegram_api_url).hostname == setting_values.BOT_API_HOST
    if is_telegrams and urlsplit(settings.webhook_url).scheme == "http":
        yield SettingError(
            "WEBHOOK_URL",
            "must be https://…, as Telegram posts to no other address (a Bot API server of your "
            "own, named in TELEGRAM_API_URL, may post to http)",
        )
    if settings.webhook_secret and not settings.webhook_url:
        yield SettingError(
            "WEBHOOK_SECRET",
            "has no effect without WEBHOOK_URL; set that to the URL to which Telegram posts "
            "updates, or remove the secret",
        )
    if settings.webhook_url and settings.metrics_address is not None:
        here, there = settings.webhook_listen, settings.metrics_address
        if here[1] == there[1] and here[0] != there[0] and {here[0], there[0]} & EVERYWHERE:
            yield SettingError(
                "WEBHOOK_LISTEN",
                f"has the port of METRICS_ADDRESS={there[0]}:{there[1]} and another address; write "
                "the same in both to share the port, or choose another port",
            )


def _pages_contradictions(settings: Settings) -> Iterator[SettingError]:
    if settings.pages_url and not settings.pages_share_port:
        others = {"METRICS_ADDRESS": settings.metrics_address}
        if settings.webhook_url:
            others["WEBHOOK_LISTEN"] = settings.webhook_listen
        for name, there in others.items():
            if there is not None and there[1] == settings.pages_listen[1] != 0:
                yield SettingError(
                    "PAGES_LISTEN",
                    f"has the port of {name}; choose another port, or write the same in "
                    "METRICS_ADDRESS to share that",
                )
