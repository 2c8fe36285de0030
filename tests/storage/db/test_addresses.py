"""DATABASE_URL as providers write it, and with common mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url, text

from bot.cli.cli import main
from storage.db.address import parse
from storage.db.database import Database
from storage.db.outage import DatabaseError
from storage.migrations.open_migrated import open_migrated

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
    database = Database(f"{url}&connect_timeout=9&channel_binding=prefer&pgbouncer=true")
    await open_migrated(database)
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
    database = Database(f"postgresql://postgres@/{name}?{hosts}&sslmode=disable")
    await open_migrated(database)
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
