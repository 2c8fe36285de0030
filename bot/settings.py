"""The settings: read once from the environment and `.env` into one frozen object."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from digest.paid_broadcast import FREE_RATE, PAID_RATE, PER_STAR
from news.fetch.proxy import Proxies, Proxy
from storage.model import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

LONGEST_LINE = 200
"""Characters of a text that is shown to readers."""


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


def _token(text: str) -> str:
    if not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", text):
        raise ValueError(
            "is not a bot token; copy it whole from @BotFather (digits, colon, letters)"
        )
    return text


def _http_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        fine = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        fine = False
    if not fine or re.search(r"[\s\0-\x1f?#]", text):
        raise ValueError("must be an address such as https://api.telegram.org")
    return text.rstrip("/")


def _database(text: str) -> str:
    if not re.match(r"(sqlite|postgresql|postgres)(\+\w+)?://", text):
        raise ValueError("must start with sqlite:/// or postgresql://")
    return text


def _ids(text: str) -> tuple[int, ...]:
    """Ids in the order in which they are named, each once."""
    try:
        return tuple(dict.fromkeys(int(part) for part in text.split(",") if part.strip()))
    except ValueError:
        raise ValueError("must be Telegram user ids: numbers with commas, as 1234,5678") from None


def _chat(text: str) -> int | None:
    if not re.fullmatch(r"-?[1-9]\d{0,15}", text):
        raise ValueError("must be a chat's id: a number such as -1001234567890")
    return int(text)


def _language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*", text):
        raise ValueError("must be a language code such as en, it or zh-Hant")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{text!r} is no time zone; write an IANA name such as Europe/Rome"
        ) from None
    return text


def _minute_of_day(text: str) -> int:
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
    if match is None:
        raise ValueError("must be a time of day such as 08:00")
    return int(match[1]) * 60 + int(match[2])


def _layout(text: str) -> Layout:
    return Layout(_one_of(*Layout)(text))


def _between(low: int, high: int, unit: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number of {unit} from {low} to {high}")
        return int(text)

    return parse


def _days(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,5}", text) or 0 < int(text) < least:
            raise ValueError(f"must be a whole number of days from {least}, or 0 for ever")
        return int(text)

    return parse


def _folder(text: str) -> Path | None:
    return Path(text).expanduser()


def _line(text: str) -> str:
    if len(text) > LONGEST_LINE:
        raise ValueError(f"must be at most {LONGEST_LINE} characters: it is shown in /privacy")
    return text


def _flag(text: str) -> bool:
    try:
        return {"true": True, "false": False}[text.lower()]
    except KeyError:
        raise ValueError("must be true or false") from None


def _address(text: str) -> tuple[str, int] | None:
    host, _, port = text.rpartition(":")
    if not re.fullmatch(r"\d{1,5}", port) or int(port) > 65_535 or (":" in text and not host):
        raise ValueError("must be a port of this machine such as 9464, or 0.0.0.0:9464 for others")
    return host.strip("[]") or "127.0.0.1", int(port)


def _webhook_url(text: str) -> str:
    url = _http_url(text)
    if urlsplit(url).hostname == "api.telegram.org" or urlsplit(url).username:
        raise ValueError(
            "must be the https address at which Telegram reaches this bot, "
            "such as https://news.example/telegram"
        )
    return url


def _secret(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", text):
        raise ValueError("must be 1 to 256 letters, digits, _ and -")
    return text


def _listen(text: str) -> tuple[str, int]:
    address = _address(text)
    if address is None:
        raise ValueError("must be an address such as 127.0.0.1:8080")
    return address


def _own_proxy(text: str) -> Proxies:
    """A proxy for all, whatever its address; or none at all."""
    if text.lower() == "none":
        return Proxies()
    proxy = Proxy.of(text)
    return Proxies(proxy, proxy)


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        for choice in choices:
            if choice.lower() == text.lower():
                return choice
        raise ValueError(f"must be one of {', '.join(choices)}")

    return parse


def _setting(parse: Callable[[str], T], default: T, *, secret: bool = False) -> T:
    """A field that knows how its text is read; a secret one stays out of the repr."""
    made: Any = field(default=default, repr=not secret, metadata={"parse": parse})
    return made  # type: ignore[no-any-return]  # dataclasses hide a field behind its type


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may set; a field is the environment variable of its name in capitals.

    Times are in seconds unless the comment beside the field says otherwise.
    """

    telegram_bot_token: str = _setting(_token, "", secret=True)
    telegram_api_url: str = _setting(_http_url, "https://api.telegram.org")
    webhook_url: str = _setting(_webhook_url, "")
    """Where Telegram posts updates; without it, they are asked for."""
    webhook_listen: tuple[str, int] = _setting(_listen, ("127.0.0.1", 8080))
    """Host and port."""
    webhook_secret: str = _setting(_secret, "", secret=True)
    database_url: str = _setting(_database, "sqlite:///var/onnews.db", secret=True)
    admin_ids: tuple[int, ...] = _setting(_ids, ())
    allowed_ids: tuple[int, ...] = _setting(_ids, ())
    """People and groups; empty is everybody."""
    editor_ids: tuple[int, ...] = _setting(_ids, ())
    operator_name: str = _setting(_line, "")
    """Who runs this bot, as /privacy says; and how to reach them."""
    operator_contact: str = _setting(_line, "")
    pictures_chat: int | None = _setting(_chat, None)
    """Where the pictures of stories are uploaded."""
    default_language: str = _setting(_language, "en")
    default_timezone: str = _setting(_zone, "Europe/Rome")
    default_digest_time: int = _setting(_minute_of_day, 8 * 60)
    """Minutes after local midnight."""
    default_layout: Layout = _setting(_layout, Layout.SUMMARIES)  # noqa: RUF009  # it gives a field
    edition_size: int = _setting(_between(1, 30, "stories"), 12)
    fetch_every: int = _setting(_between(1, 86_400, "seconds"), 60)
    allow_private_sources: bool = _setting(_flag, default=False)
    https_proxy: Proxy | None = _setting(Proxy.of, None)  # noqa: RUF009  # it gives a field
    http_proxy: Proxy | None = _setting(Proxy.of, None)  # noqa: RUF009  # it gives a field
    all_proxy: Proxy | None = _setting(Proxy.of, None)  # noqa: RUF009  # it gives a field
    no_proxy: tuple[str, ...] = _setting(_hosts, ())
    telegram_proxy: Proxies | None = _setting(_own_proxy, None)  # noqa: RUF009  # it gives a field
    sources_proxy: Proxies | None = _setting(_own_proxy, None)  # noqa: RUF009  # it gives a field
    messages_per_second: int = _setting(_between(1, PAID_RATE, "messages"), 25)
    paid_broadcast: bool = _setting(_flag, default=False)
    metrics_address: tuple[str, int] | None = _setting(_address, None)
    """Host and port."""
    backup_dir: Path | None = _setting(_folder, None)  # noqa: RUF009  # a field, as the others are
    """The folder of the nightly backups; without it, there are none."""
    backup_keep: int = _setting(_between(1, 1000, "backups"), 7)
    keep_deliveries_days: int = _setting(_days(30), 90)
    keep_shares_days: int = _setting(_days(30), 365)
    keep_articles_days: int = _setting(_days(200), 730)
    """The health of sources is judged by the last 200 days."""
    keep_gone_readers_days: int = _setting(_days(30), 730)
    log_level: str = _setting(_one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
    log_format: str = _setting(_one_of("text", "json"), "text")

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

NAMES = tuple(setting.name.upper() for setting in fields(Settings))
"""Every setting's name in the environment, in the order of `.env.example`."""


PROJECT = Path(__file__).resolve().parents[1]
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

    Raises:
        SettingError: It cannot be read.
    """
    if file.is_dir():
        raise SettingError(str(file), "is a folder; write the settings into a file of that name")
    try:
        return dotenv_values(file, interpolate=False)
    except UnicodeDecodeError:
        raise SettingError(str(file), "is no text in UTF-8; save it as such") from None
    except OSError as error:
        raise SettingError(str(file), f"cannot be read ({error.strerror})") from None


def _small(environ: Mapping[str, str], name: str) -> str | None:
    """What other programs know in small letters too, such as `https_proxy`."""
    return environ.get(name.lower()) if name in PROXIES else None


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
        text = (environ.get(name) or _small(environ, name) or from_file.get(name) or "").strip()
        if not text:
            continue
        try:
            values[setting.name] = setting.metadata["parse"](text)
        except ValueError as error:
            wrong.append(SettingError(name, str(error)))
    settings = Settings(**values)
    if folder is not None:
        settings = _from_folder(settings, folder)
    if settings.messages_per_second > FREE_RATE and not settings.paid_broadcast:
        wrong.append(
            SettingError(
                "MESSAGES_PER_SECOND",
                f"write at most {FREE_RATE}, or PAID_BROADCAST=true beside it: Telegram takes a "
                f"Star for {PER_STAR} messages above {FREE_RATE} a second (`onnews digest cost` "
                "says how many that would be)",
            )
        )
    return settings, wrong
