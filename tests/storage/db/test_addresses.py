"""DATABASE_URL as providers write it, and with common mistakes. A function goes to a thread, an
awaited statement to aiosqlite, and nothing past them. TLS to PostgreSQL, as DATABASE_URL asks
for it.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import aiosqlite
import pytest
from click.testing import CliRunner
from sqlalchemy import make_url, text

from bot.cli.cli import main
from storage.db.address import parse
from storage.db.database import Database
from storage.db.outage import DatabaseError, DatabaseUnavailableError
from tests.plugins.databases import migrated
from tests.storage.db.tls_front import TlsFront, certificate

if TYPE_CHECKING:
    from bench.harness.postgresql import DatabaseServer


NEON = (
    "postgresql://neondb_owner:npg_a1@ep-cool-1.eu-central-1.aws.neon.tech/neondb"
    "?sslmode=require&channel_binding=require"
)
SUPABASE = "postgres://postgres.abc:p%40ss%2Fword@aws-0-eu.pooler.supabase.com:6543/postgres?pgbouncer=true"
HEROKU = "postgres://u1:p1@ec2-1-2-3-4.eu-west-1.compute.amazonaws.com:5432/d1"
RDS = (
    "postgresql://news:pw@news.abc.eu-west-1.rds.amazonaws.com:5432/news?sslmode=verify-full"
    "&sslrootcert={ca}&application_name=on-news&connect_timeout=5"
)
AZURE = "postgresql://news@server:pw@server.postgres.database.azure.com/news?sslmode=require"
SEVERAL = "postgresql://u:p@one.example,two.example:5433/news?target_session_attrs=read-write"


def test_addresses_as_providers_write_them_are_accepted(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.touch()
    (neon,) = parse(NEON).servers
    assert "sslmode=require" in neon
    assert "channel_binding" not in neon
    supabase = parse(SUPABASE)
    assert (supabase.password, supabase.prepared) == ("p@ss/word", False)
    assert supabase.servers[0].startswith("postgresql://postgres.abc:p%40ss%2Fword@aws-0-eu.")
    assert parse(HEROKU).servers[0].startswith("postgresql://u1:p1@ec2-1-2-3-4.eu-west-1.")
    rds = parse(RDS.format(ca=ca))
    assert rds.connect_seconds == 5
    assert "connect_timeout" not in rds.servers[0]
    assert "sslmode=verify-full" in rds.servers[0]
    assert parse(AZURE).servers[0].startswith("postgresql://news%40server:pw@server.postgres.")
    several = parse(SEVERAL)
    assert [make_url(one).host for one in several.servers] == ["one.example", "two.example"]
    assert [make_url(one).port for one in several.servers] == [None, 5433]
    assert all("target_session_attrs=read-write" in one for one in several.servers)


def test_the_writable_one_of_several_hosts_is_used() -> None:
    assert all(
        "target_session_attrs=read-write" in one for one in parse("postgres://a,b/news").servers
    )
    assert "target_session_attrs" not in parse("postgres://a/news").servers[0]


@pytest.mark.parametrize(
    ("text_url", "shown"),
    [
        ("postgres://u:s3cret@h/n?sslmode=prefer", "postgresql://u:***@h/n"),
        ("postgresql+psycopg2://u:s3cret/@:#?x@h:5433/n", "postgresql://u:***@h:5433/n"),
        ("postgresql://u:s3cret@[::1]:5433/n", "postgresql://u:***@[::1]:5433/n"),
        ("postgresql://u@/n?host=/var/run&port=5433", "postgresql://u@/var/run/n"),
        ("postgresql://%2Fvar%2Frun/n", "postgresql:///var/run/n"),
        (
            "postgresql:///n?user=u&password=s3cret&host=a,b&port=1,2",
            "postgresql://u:***@a:1,b:2/n",
        ),
        ("postgresql://h/n?ssl=true&sslrootcert=system&sslmode=verify-full", "postgresql://h/n"),
        ("postgresql://h/n?keepalives=1&tcp_user_timeout=9&gssencmode=disable", "postgresql://h/n"),
        ("sqlite:////var/lib/x.db", "sqlite:////var/lib/x.db"),
        ("sqlite+aiosqlite:///var/x.db", "sqlite:///var/x.db"),
    ],
)
def test_an_address_is_shown_without_its_password(text_url: str, shown: str) -> None:
    assert parse(text_url).shown == shown
    assert "s3cret" not in repr(parse(text_url))


async def test_the_options_reach_the_server(mortal: DatabaseServer, postgresql_url: str) -> None:
    del mortal
    url = f"{postgresql_url}&application_name=our+news&options=-c%20statement_timeout%3D4321"
    database = await migrated(f"{url}&connect_timeout=9&channel_binding=prefer&pgbouncer=true")
    async with database.reading() as connection:
        for name, value in {"application_name": "our news", "statement_timeout": "4321ms"}.items():
            assert (await connection.execute(text(f"SHOW {name}"))).scalar() == value
    await database.close()


async def test_an_unreachable_host_is_skipped(
    mortal: DatabaseServer, postgresql_url: str, closed_port: int
) -> None:
    folder = Path(mortal.socket).parent
    name = make_url(postgresql_url).database
    hosts = f"host=127.0.0.1,{folder}&port={closed_port},5432"
    database = await migrated(f"postgresql://postgres@/{name}?{hosts}&sslmode=disable")
    await database.close()


WRONG = {
    "postgresql://u:s3cret@h/n?foo=1": "the option 'foo', which ON News does not support",
    "postgresql://u:s3cret@h/n?sslmode=yes": "sslmode must be one of disable, allow",
    "postgresql://u:s3cret@h/n?ssl=maybe": "ssl must be true or false",
    "postgresql://u:s3cret@h/n?connect_timeout=soon": "connect_timeout must be a number of seconds",
    "postgresql://u:s3cret@h/n?target_session_attrs=read-only": "ON News has to write",
    "postgresql://u:s3cret@h/n?sslrootcert=/nowhere.pem": "names the file /nowhere.pem",
    "postgresql://u:s3cret@h:port/n": "is not a database address",
    "postgresql://u:s3cret@h:99999/n": "is not a database address",
    "postgresql://u:s3cret@h:0/n": "is not a database address",
    "postgresql://u:s3cret@h/n/m": "is not a database address",
    "postgresql://u:s3cret@h/n#m": "is not a database address",
    "postgresql://u:s3cret@h h/n": "is not a database address",
    "postgresql://u:s3cret@h/n?sslmode": "is not a database address",
    "postgresql://u:s3cret@a:1,b:x/n": "is not a database address",
    "sqlite+foo:///{tmp}/x.db": "starts with sqlite+foo:, which ON News cannot use. Write sqlite: ",
    "postgresql+foo://u:s3cret@h/n": "starts with postgresql+foo:, which ON News cannot use.",
    "sqlite://var/x.db": "two slashes: write sqlite:///var/x.db",
    "sqlite://x.db": "two slashes: write sqlite:///x.db",
    "sqlite://": "names no file",
    "sqlite:///:memory:": "names no file",
    "sqlite:///var/x.db?timeout=5": "takes none. Write sqlite:///",
    "sqlite:///{tmp}/a-file/x.db": "cannot be created",
    "sqlite:///{tmp}": "cannot be used",
    "sqlite:///{tmp}/a-file": "is not an SQLite database",
    "sqlite:/var/x.db": "DATABASE_URL: must start with sqlite:/// or postgresql://",
    "mysql://u:s3cret@h/n": "DATABASE_URL: must start with sqlite:/// or postgresql://",
    "jdbc:postgresql://h/n": "DATABASE_URL: must start with sqlite:/// or postgresql://",
    "var/x.db": "DATABASE_URL: must start with sqlite:/// or postgresql://",
    "postgresql://u:s3cret@127.0.0.1:{closed}/n": "cannot be reached (Connection refused)",
    "postgresql://u:s3cret@127.0.0.1:{closed}/n?sslmode=require": "cannot be reached",
    "postgresql://u:s3cret@nowhere.invalid/n": "unknown host name",
    "postgresql://u:s3cret@/n?host=/nowhere": "cannot be reached (No such file or directory)",
    "postgresql://u:s3cret@h/n?sslmode=require&ssl_min_protocol_version=9": "Correct DATABASE",
    "postgresql://u:s3cret@h/n?sslmode=verify-full": "signed it as sslrootcert in DATABASE_URL",
}


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_is_one_clear_line(
    url: str, tmp_path: Path, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a-file").write_text("Not a database at all. " * 100)
    monkeypatch.chdir(tmp_path)
    # The log of this process is that of the tests.
    monkeypatch.setattr("bot.process.logs.configure", lambda *_: None)
    monkeypatch.setenv("HOME", str(tmp_path))
    address = url.format(tmp=tmp_path, closed=closed_port)
    result = CliRunner().invoke(main, ["sources", "list"], env={"DATABASE_URL": address})
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    assert WRONG[url].format(tmp=tmp_path) in result.output
    assert "s3cret" not in result.output


@pytest.mark.parametrize("url", ["", "://", "postgresql", "postgresql://h/%00", "sqlite:///\0"])
def test_a_malformed_database_address_is_refused(url: str) -> None:
    with pytest.raises(DatabaseError, match="DATABASE_URL"):
        Database(url)


ROOT = Path(__file__).parents[3]
OPENED = re.compile(r"\b(?:sqlite3\.connect|create_engine|create_async_engine)\(")
PLACES = {
    "news/old_archive/xml_items.py",
    "storage/db/postgres.py",
    "storage/db/sqlite/engines.py",
    "storage/db/sqlite/file.py",
    "storage/db/sqlite/threads.py",
    "storage/migrations/migrate.py",
}
"""The files that open a connection; docs/decisions/0008 says what for."""


async def test_aiosqlite_serves_awaited_statements_and_sessions(sqlite_url: str) -> None:
    database = await migrated(sqlite_url)
    async with database.writing() as writer, database.reading() as reader:
        session = await database.session()
        for connection in (writer, reader, session):
            driver = (await connection.get_raw_connection()).driver_connection
            assert isinstance(driver, aiosqlite.Connection)
            assert await connection.scalar(text("SELECT 40 + 2")) == 42
        await session.close()
    await database.close()


async def test_a_function_runs_in_a_thread_of_its_own(sqlite_url: str) -> None:
    database = await migrated(sqlite_url)
    for way in (database.read, database.write, database.search, database.snapshot):
        ran = await way(lambda _: threading.current_thread().name)
        assert ran.startswith(("reader", "writer"))
    await database.close()


def test_no_other_file_opens_a_connection() -> None:
    floors = ("bot", "handlers", "digest", "news", "templates", "storage", "workers")
    files = [file for floor in floors for file in (ROOT / floor).rglob("*.py")]
    found = {str(each.relative_to(ROOT)) for each in files if OPENED.search(each.read_text())}
    assert found == PLACES


def address(*hosts: str, **options: object) -> str:
    """Return an address of the server's own database, with options."""
    query = "&".join(f"{name}={value}" for name, value in options.items())
    return f"postgresql://postgres@{','.join(hosts)}/postgres?{query}"


async def use(url: str) -> None:
    """Open a database and read from it."""
    database = Database(url)
    try:
        await database.open()
        async with database.reading() as connection:
            assert await connection.scalar(text("SELECT 40 + 2")) == 42
    finally:
        await database.close()


async def test_a_server_whose_certificate_fits_is_used(
    mortal: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = certificate(tmp_path, "localhost")
    async with TlsFront(mortal.socket, mine) as front:
        there = f"localhost:{front.port}"
        await use(address(there, sslmode="verify-full", sslrootcert=mine))
        await use(address(there, sslmode="require"))
        monkeypatch.setenv("SSL_CERT_FILE", str(mine))
        await use(address(there, sslmode="verify-full", sslrootcert="system"))
        assert front.secured >= 3
        # The authority is checked, the name is not.
        await use(address(f"127.0.0.1:{front.port}", sslmode="verify-ca", sslrootcert=mine))


async def test_of_several_hosts_the_one_with_a_certificate_that_fits_is_used(
    mortal: DatabaseServer, tmp_path: Path, closed_port: int
) -> None:
    mine, other = certificate(tmp_path, "localhost"), certificate(tmp_path, "other.example")
    async with TlsFront(mortal.socket, other) as wrong, TlsFront(mortal.socket, mine) as right:
        hosts = [f"localhost:{port}" for port in (closed_port, wrong.port, right.port)]
        await use(address(*hosts, sslmode="verify-full", sslrootcert=mine))
        assert (wrong.secured, right.secured > 0) == (0, True)


async def refusal(url: str, port: int) -> str:
    """Return the message with which an address is refused, without the server's port."""
    with pytest.raises(DatabaseError) as refused:
        await use(url)
    assert not isinstance(refused.value, DatabaseUnavailableError)  # waiting would not help
    return str(refused.value).replace(f":{port}/", "/")


async def test_a_certificate_that_does_not_fit_is_refused_with_what_to_do(
    mortal: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    mine, other = certificate(tmp_path, "localhost"), certificate(tmp_path, "other.example")
    noise = tmp_path / "noise.pem"
    noise.write_text("no certificate")
    async with TlsFront(mortal.socket, mine) as front:
        there, port = f"localhost:{front.port}", front.port
        unknown = address(there, sslmode="verify-full", sslrootcert=other)
        refused = await refusal(unknown, port)
        begins = "the certificate of PostgreSQL at localhost/postgres cannot be trusted (self"
        assert refused.startswith(begins)
        assert refused.endswith(
            "). Name the file of the authority that signed it as sslrootcert in DATABASE_URL, or "
            "sslrootcert=system for those of this system."
        )
        assert "Name the file of the authority" in await refusal(
            address(there, sslmode="verify-full"), port
        )
        by_number = address(f"127.0.0.1:{port}", sslmode="verify-full", sslrootcert=mine)
        assert await refusal(by_number, port) == (
            "the certificate of PostgreSQL at 127.0.0.1/postgres is for another host (IP address "
            "mismatch, certificate is not valid for '127.0.0.1'). Write the host in DATABASE_URL "
            "as the certificate names it, or sslmode=verify-ca to leave the name out."
        )
        assert "is no certificate or key. Name files in PEM form" in await refusal(
            address(there, sslmode="verify-full", sslrootcert=noise), port
        )
        assert front.secured == 0
    async with TlsFront(mortal.socket, other) as front:
        wrong = address(f"localhost:{front.port}", sslmode="verify-full", sslrootcert=other)
        assert "is for another host (Hostname mismatch" in await refusal(wrong, front.port)
