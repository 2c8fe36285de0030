"""The settings: read once from the environment and `.env` into one frozen object."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dotenv.parser import Binding, parse_stream

from bot.configuration import setting_values
from digest.planning.paid_broadcast import FREE_RATE, PAID_RATE, PER_STAR
from news.fetch.proxy import Proxies, Proxy
from storage.model import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from ipaddress import IPv4Network, IPv6Network

T = TypeVar("T")


class SettingError(Exception):
    """A setting is missing or wrong; the text is one line that says what to do.

    Attributes:
        name: The setting, such as `DEFAULT_TIMEZONE`.
        advice: What to write instead.
    """

    def __init__(self, name: str, advice: str) -> None:
        super().__init__(f"{name}: {advice}")
        self.name = name
        self.advice = advice


def _setting(parse: Callable[[str], T], default: T, *, secret: bool = False) -> T:
    """A field that knows how its text is read; a secret one stays out of the repr."""
    made: Any = field(default=default, repr=not secret, metadata={"parse": parse})
    return made  # type: ignore[no-any-return]  # dataclasses hide a field behind its type


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may set; a field is the environment variable of its name in capitals.

    Times are in seconds unless the comment beside the field says otherwise.
    """

    telegram_bot_token: str = _setting(setting_values.token, "", secret=True)
    telegram_api_url: str = _setting(setting_values.http_url, "https://api.telegram.org")
    webhook_url: str = _setting(setting_values.webhook_url, "")
    """Where Telegram posts updates; without it, they are asked for."""
    webhook_listen: tuple[str, int] = _setting(setting_values.listen, ("127.0.0.1", 8080))
    """Host and port."""
    webhook_secret: str = _setting(setting_values.secret, "", secret=True)
    database_url: str = _setting(setting_values.database, "sqlite:///var/onnews.db", secret=True)
    admin_ids: tuple[int, ...] = _setting(setting_values.people, ())
    allowed_ids: tuple[int, ...] = _setting(setting_values.ids, ())
    """People and groups; empty is everybody."""
    operator_name: str = _setting(setting_values.line, "")
    """Who runs this bot, as /privacy says; and how to reach them."""
    operator_contact: str = _setting(setting_values.line, "")
    pictures_chat: int | None = _setting(setting_values.chat, None)
    """Where the pictures of stories are uploaded."""
    default_language: str = _setting(setting_values.language, "en")
    default_timezone: str = _setting(setting_values.zone, "")
    """The zone of newcomers; empty where it goes by their language."""
    default_digest_time: int = _setting(setting_values.minute_of_day, 8 * 60)
    """Minutes after local midnight."""
    default_layout: Layout = _setting(setting_values.layout, Layout.SUMMARIES)  # noqa: RUF009  # it gives a field
    edition_size: int = _setting(setting_values.between(1, 30, "stories"), 12)
    source_packs: tuple[str, ...] = _setting(setting_values.packs, ())
    """Languages and trades of the sources that a new archive starts with; empty is all."""
    fetch_every: int = _setting(setting_values.between(1, 86_400, "seconds"), 60)
    allow_private_sources: bool = _setting(setting_values.flag, default=False)
    https_proxy: Proxy | None = _setting(Proxy.of, None)  # noqa: RUF009  # it gives a field
    http_proxy: Proxy | None = _setting(Proxy.of, None)  # noqa: RUF009  # it gives a field
    all_proxy: Proxy | None = _setting(Proxy.of, None)  # noqa: RUF009  # it gives a field
    no_proxy: tuple[str, ...] = _setting(setting_values.hosts, ())
    telegram_proxy: Proxies | None = _setting(setting_values.own_proxy, None)  # noqa: RUF009  # it gives a field
    sources_proxy: Proxies | None = _setting(setting_values.own_proxy, None)  # noqa: RUF009  # it gives a field
    messages_per_second: int = _setting(setting_values.between(1, PAID_RATE, "messages"), 25)
    early_minutes: int = _setting(setting_values.between(0, 60, "minutes"), 0)
    """How long before their time editions may begin, where many are due together."""
    paid_broadcast: bool = _setting(setting_values.flag, default=False)
    metrics_address: tuple[str, int] | None = _setting(setting_values.address, None)
    """Host and port."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = _setting(setting_values.networks, ())
    """Addresses from which many connections may come, beside this machine's own."""
    backup_dir: Path | None = _setting(setting_values.folder, None)  # noqa: RUF009  # a field, as the others are
    """The folder of the nightly backups; without it, there are none."""
    backup_keep: int = _setting(setting_values.between(1, 1000, "backups"), 7)
    keep_deliveries_days: int = _setting(setting_values.days(30), 90)
    keep_shares_days: int = _setting(setting_values.days(30), 365)
    keep_articles_days: int = _setting(setting_values.days(200), 730)
    """The health of sources is judged by the last 200 days."""
    keep_gone_readers_days: int = _setting(setting_values.days(30), 730)
    log_level: str = _setting(setting_values.one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
    log_format: str = _setting(setting_values.one_of("text", "json"), "text")

    @property
    def timezone(self) -> str:
        """The zone of the process's own days: backups, counts of deliveries, forecasts."""
        return self.default_timezone or "Europe/Rome"

    @property
    def webhook_shares_port(self) -> bool:
        """Whether updates come in where `/healthz` and `/metrics` are served."""
        return bool(self.webhook_url) and self.webhook_listen == self.metrics_address

    @property
    def pays(self) -> bool:
        """Whether there can be messages above Telegram's free rate, which are paid for."""
        return self.paid_broadcast and self.messages_per_second > FREE_RATE

    @property
    def telegram_proxies(self) -> Proxies:
        """Through which Telegram is reached."""
        return self._proxies if self.telegram_proxy is None else self.telegram_proxy

    @property
    def sources_proxies(self) -> Proxies:
        """Through which sources are asked."""
        return self._proxies if self.sources_proxy is None else self.sources_proxy

    @property
    def _proxies(self) -> Proxies:
        every = self.all_proxy
        return Proxies(self.https_proxy or every, self.http_proxy or every, self.no_proxy)

    def require_token(self) -> None:
        """Refuse to go on without a token.

        Raises:
            SettingError: There is none.
        """
        if not self.telegram_bot_token:
            raise SettingError(
                "TELEGRAM_BOT_TOKEN",
                "is missing; get one from @BotFather and write it into .env "
                "(./dev demo runs without one)",
            )


PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
"""The settings that all programs share."""

EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  # what an operator may have chosen
"""Hosts that stand for every address of this machine."""

NAMES = tuple(setting.name.upper() for setting in fields(Settings))
"""Every setting's name in the environment, in the order of `.env.example`."""


PROJECT = Path(__file__).resolve().parents[2]
"""The folder that this program runs from: a project's where its `pyproject.toml` is beside it."""


def place(named: Path | None, here: Path) -> tuple[Path | None, Path]:
    """The `.env` that is read, and the folder from which relative paths are taken.

    They are those of the file that was named; else of the folder that the command runs in, if it
    has an `.env`; else of the project; else, where there is no project, of that folder again.

    Raises:
        SettingError: There is no file of that name.
    """
    if named is not None:
        if not named.is_file():
            raise SettingError("--env-file", f"there is no file {named}; name the .env to read")
        return named, named.resolve().parent
    if (here / ".env").exists():
        return here / ".env", here
    folder = PROJECT if (PROJECT / "pyproject.toml").is_file() else here
    return (folder / ".env" if (folder / ".env").exists() else None), folder


def _from_folder(settings: Settings, folder: Path) -> Settings:
    """The settings with the paths in them made whole."""
    database = settings.database_url
    relative = re.fullmatch(r"(sqlite(?:\+\w+)?:///)([^/:?][^?]*)(.*)", database)
    if relative:
        database = f"{relative[1]}{folder.resolve() / relative[2]}{relative[3]}"
    kept = settings.backup_dir
    return replace(
        settings,
        database_url=database,
        backup_dir=None if kept is None else folder.resolve() / kept,
    )


def written(file: Path) -> Mapping[str, str | None]:
    """What a file of settings says, whether it is right or not.

    A line of it that says nothing (see `senseless`) is left out.

    Raises:
        SettingError: It cannot be read.
    """
    return {line.key: line.value for line in _lines(file) if line.key is not None}


def senseless(file: Path) -> list[int]:
    """The numbers of the lines of a file of settings that are no NAME=value, nor a remark.

    Raises:
        SettingError: It cannot be read.
    """
    return [line.original.line for line in _lines(file) if line.error]


def _lines(file: Path) -> list[Binding]:
    """A file of settings, line by line.

    Raises:
        SettingError: It cannot be read.
    """
    if file.is_dir():
        raise SettingError(str(file), "is a folder; write the settings into a file of that name")
    try:
        # Some editors begin every text with the mark of its encoding.
        with file.open(encoding="utf-8-sig") as stream:
            return list(parse_stream(stream))
    except UnicodeDecodeError:
        raise SettingError(str(file), "is no text in UTF-8; save it as such") from None
    except OSError as error:
        raise SettingError(str(file), f"cannot be read ({error.strerror})") from None


def _value(values: Mapping[str, str | None], name: str) -> str | None:
    """What a setting is given, under the name too that all programs know, such as `https_proxy`."""
    return values.get(name) or (values.get(name.lower()) if name in PROXIES else None)


def load(
    environ: Mapping[str, str], env_file: Path | None = None, folder: Path | None = None
) -> Settings:
    """Read the settings; the environment wins over the file, and an empty value is the default.

    Args:
        environ: The environment.
        env_file: A file of settings.
        folder: Where relative paths start; without it, they stay relative.

    Raises:
        SettingError: A value is wrong, or the file cannot be read.
    """
    settings, wrong = read(environ, env_file, folder)
    if wrong:
        raise wrong[0]
    return settings


def read(
    environ: Mapping[str, str], env_file: Path | None = None, folder: Path | None = None
) -> tuple[Settings, list[SettingError]]:
    """The settings as `load` gives them, and every one that is wrong, which has its default there.

    Raises:
        SettingError: The file cannot be read.
    """
    from_file = written(env_file) if env_file is not None else {}
    values: dict[str, Any] = {}
    wrong: list[SettingError] = []
    for setting in fields(Settings):
        name = setting.name.upper()
        text = (_value(environ, name) or _value(from_file, name) or "").strip()
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
    """What is right by itself, and wrong beside another setting or what is on the disk."""
    if settings.messages_per_second > FREE_RATE and not settings.paid_broadcast:
        yield SettingError(
            "MESSAGES_PER_SECOND",
            f"write at most {FREE_RATE}, or PAID_BROADCAST=true beside it: Telegram takes a "
            f"Star for {PER_STAR} messages above {FREE_RATE} a second (`onnews digest cost` "
            "says how many that would be)",
        )
    if settings.webhook_secret and not settings.webhook_url:
        yield SettingError(
            "WEBHOOK_SECRET",
            "does nothing without WEBHOOK_URL; write there where Telegram posts updates, or take "
            "the secret out",
        )
    folder = settings.backup_dir
    if folder is not None and folder.exists() and not folder.is_dir():
        yield SettingError("BACKUP_DIR", f"{folder} is a file; name a folder")
    if settings.webhook_url and settings.metrics_address is not None:
        here, there = settings.webhook_listen, settings.metrics_address
        if here[1] == there[1] and here[0] != there[0] and {here[0], there[0]} & EVERYWHERE:
            yield SettingError(
                "WEBHOOK_LISTEN",
                f"has the port of METRICS_ADDRESS={there[0]}:{there[1]} and another address; write "
                "the same in both, and one port serves all, or choose another port",
            )
