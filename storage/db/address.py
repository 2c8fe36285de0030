"""The parser of DATABASE_URL.

It accepts the addresses that managed databases give (Neon, Supabase, Heroku, RDS, Azure): both URL
schemes, the options of PostgreSQL's own tools, several hosts, and passwords with an @ in them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode

from storage.db.outage import DatabaseError

CONNECT_SECONDS = 10.0
"""Seconds that each host has to accept a connection, unless `connect_timeout` is given."""

EXAMPLES = "sqlite:///var/onnews.db or postgresql://user:password@host/name"
_NO_ADDRESS = f"DATABASE_URL is not a database address. It should look like {EXAMPLES}."

_PSYCOPG = ("psycopg", "psycopg2", "psycopg2cffi", "psycopg_async")
DRIVERS = {
    "sqlite": frozenset({"aiosqlite", "pysqlite"}),
    "postgresql": frozenset({"asyncpg", "pg8000", *_PSYCOPG}),
    "postgres": frozenset({"asyncpg", "pg8000", *_PSYCOPG}),
}
"""Driver names accepted after the + of a scheme, for addresses written for other programs.

They are ignored: ON News always uses its own drivers.
"""

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SSL_WORDS = {"true": "require", "1": "require", "on": "require", "false": "disable", "0": "disable"}
"""The sslmode for each value of `ssl=`, an option that libraries of other languages write."""
SESSIONS = ("any", "primary", "read-write", "prefer-standby")
FILES = frozenset({"sslrootcert", "sslcert", "sslkey", "sslcrl"})
TAKEN = FILES | {
    *("sslmode", "sslpassword", "sslnegotiation"),
    *("ssl_min_protocol_version", "ssl_max_protocol_version", "krbsrvname"),
    *("application_name", "options", "passfile", "target_session_attrs"),
}
"""Options that are passed on to the driver, which reads them as PostgreSQL's own tools do."""
OURS = frozenset({"connect_timeout", "ssl", "pgbouncer", "host", "port", "user", "password"})
"""Options that this module reads itself, beside `dbname`."""
IDLE = frozenset(
    {
        *("channel_binding", "gssencmode", "sslcompression", "sslsni", "uselibpqcompat"),
        *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
        *("tcp_user_timeout", "client_encoding", "fallback_application_name", "supa"),
        *("connection_limit", "pool_timeout", "load_balance_hosts", "requiressl"),
    }
)
"""Options of providers' addresses that are ignored.

The driver has no channel binding, and connections get their own keepalive settings.
"""
_SCHEME = re.compile(r"[a-z][\w+.-]*")
_NO_NAME = re.compile(r"[/#\0]")
_HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:@]*)(?::(\d*))?")
_HOST = re.compile(r"[^\s/?#\\]*")
_FEW_DIGITS = re.compile(r"\d{1,4}")


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed database address.

    Attributes:
        shown: The address without the password, safe to show.
        path: The file of an SQLite database; None for PostgreSQL.
        servers: One address for each PostgreSQL host, in the form that the driver takes.
        connect_seconds: Seconds that each host has to accept a connection.
        verify: Whether to check the server's certificate against the system's authorities.
        prepared: Whether statements may stay prepared; some poolers lose them.
    """

    shown: str
    path: Path | None = None
    database: str = ""
    servers: tuple[str, ...] = field(default=(), repr=False)
    password: str = field(default="", repr=False)
    connect_seconds: float = CONNECT_SECONDS
    verify: bool = False
    prepared: bool = True


def parse(text: str) -> Address:
    """Parse a database address; DatabaseError says what is malformed or not supported."""
    scheme, _, rest = text.partition("://")
    kind, _, driver = scheme.partition("+") if "://" in text else ("", "", "")
    if "+" in scheme and kind in DRIVERS and driver not in DRIVERS[kind]:
        raise DatabaseError(
            f"DATABASE_URL starts with {scheme}:, which ON News cannot use. Write {kind}: "
            f"alone, as in {EXAMPLES}."
        )
    if kind == "sqlite":
        return _file(rest)
    if kind in {"postgresql", "postgres"}:
        try:
            return _server(rest)
        except ValueError:
            raise DatabaseError(
                f"{_NO_ADDRESS} Characters such as @ : / # ? in a password are written as "
                "%40 %3A %2F %23 %3F."
            ) from None
    if not rest or not _SCHEME.fullmatch(scheme):
        raise DatabaseError(_NO_ADDRESS)
    raise DatabaseError(
        f"DATABASE_URL starts with {kind}:, which ON News cannot use. It keeps its archive in "
        "SQLite (sqlite:///var/onnews.db) or PostgreSQL (postgresql://user:password@host/name)."
    )


def _file(rest: str) -> Address:
    name, _, options = rest.partition("?")
    if options:
        raise DatabaseError(
            "DATABASE_URL has options after the ?, but an SQLite address takes none. "
            f"Write sqlite://{name}."
        )
    host, slash, file = name.partition("/")
    if not file or file == ":memory:":
        if host:
            raise DatabaseError(f"DATABASE_URL has two slashes: write sqlite:///{host}.")
        raise DatabaseError(
            "DATABASE_URL names no file. It should look like sqlite:///var/onnews.db."
        )
    if host:
        raise DatabaseError(
            f"DATABASE_URL has two slashes: write sqlite:///{name} for a file in this folder, "
            f"or sqlite:////{name} for an absolute path."
        )
    if "\0" in file:
        raise DatabaseError(_NO_ADDRESS)
    return Address(shown=f"sqlite://{slash}{file}", path=Path(file))


def _server(rest: str) -> Address:
    """Parse a PostgreSQL address without its scheme.

    Its form is `user:password@host:port,host/name?option=value`. Each part may be missing.
    """
    # A password may be unescaped: it ends at the last @.
    login, _, tail = rest.rpartition("@")
    tail, _, query = tail.partition("?")
    where, _, path = tail.partition("/")
    user, _, password = login.partition(":")
    options = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    user = unquote(user) or options.get("user", "")
    password = unquote(password) or options.get("password", "")
    name = unquote(path) or options.pop("dbname", "")
    if _NO_NAME.search(name) or "\0" in unquote(rest):
        raise ValueError("invalid database name")
    hosts = _hosts(where or options.get("host", ""), options.get("port", ""), decode=bool(where))
    kept, verify = _kept(options)
    if len(hosts) > 1:
        # Of several hosts one takes writes; the others are its replicas.
        kept.setdefault("target_session_attrs", "read-write")
    kept.setdefault("application_name", "on-news")
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    login += "@" if login else ""
    path = f"/{quote(name, safe='')}" if name else ""
    servers = tuple(
        f"postgresql://{login}{host}{path}?{urlencode({**kept, **more}, quote_via=quote)}"
        for host, more in hosts
    )
    hidden = f"{quote(user, safe='')}{':***' if password else ''}{'@' if login else ''}"
    shown = ",".join(more.get("host", host) for host, more in hosts)
    return Address(
        shown=f"postgresql://{hidden}{shown}{path}",
        database=name or user,
        servers=servers,
        password=password,
        connect_seconds=float(options.get("connect_timeout") or CONNECT_SECONDS) or CONNECT_SECONDS,
        verify=verify,
        prepared=options.get("pgbouncer", "") != "true",
    )


def _hosts(text: str, ports: str, *, decode: bool) -> list[tuple[str, dict[str, str]]]:
    """Return each host as `host:port`, with the options that replace it for a Unix socket."""
    ports_of = ports.split(",") if ports else []
    hosts: list[tuple[str, dict[str, str]]] = []
    for number, one in enumerate(text.split(",")):
        match = _HOST_AND_PORT.fullmatch(one)
        if match is None:
            raise ValueError("invalid host")
        host, port = match[1], match[2] or ""
        if not port and ports_of:
            port = ports_of[min(number, len(ports_of) - 1)]
        if port and not (port.isdecimal() and 0 < int(port) < 65_536):
            raise ValueError("invalid port")
        host = unquote(host) if decode else host
        if host.startswith("/"):
            more = {"host": host, **({"port": port} if port else {})}
            hosts.append(("", more))
        elif not _HOST.fullmatch(host):
            raise ValueError("invalid host")
        else:
            hosts.append((f"{host}:{port}" if port and host else host, {}))
    return hosts


def _kept(options: dict[str, str]) -> tuple[dict[str, str], bool]:
    """Return the options for the driver, and whether to verify with the system's authorities."""
    for name, value in options.items():
        if name not in TAKEN | OURS | IDLE | {"dbname"}:
            raise DatabaseError(
                f"DATABASE_URL has the option {name!r}, which ON News does not support. Remove "
                f"it; {', '.join(sorted(TAKEN | {'connect_timeout'}))} are supported, and settings "
                "of the server go into options=-cNAME%3DVALUE."
            )
        _check(name, value)
    kept = {name: value for name, value in options.items() if name in TAKEN and value}
    if "ssl" in options and "sslmode" not in kept:
        kept["sslmode"] = SSL_WORDS.get(options["ssl"], options["ssl"])
    if kept.get("sslrootcert") == "system":
        del kept["sslrootcert"]
        kept.pop("sslmode", None)
        return kept, True
    return kept, False


def _check(name: str, value: str) -> None:
    """Refuse an unsupported value of an option with a DatabaseError."""
    problem: str | None = None
    if name == "sslmode" and value not in SSL_MODES:
        problem = f"must be one of {', '.join(SSL_MODES)}"
    elif name == "ssl" and value not in {*SSL_WORDS, *SSL_MODES}:
        problem = "must be true or false"
    elif name == "target_session_attrs" and value not in SESSIONS:
        problem = f"must be one of {', '.join(SESSIONS)}: ON News has to write"
    elif name == "connect_timeout" and not _FEW_DIGITS.fullmatch(value):
        problem = "must be a number of seconds"
    elif name in FILES and value and value != "system" and not Path(value).is_file():
        problem = f"names the file {value}, which does not exist"
    if problem is not None:
        raise DatabaseError(f"DATABASE_URL: {name} {problem}.")
