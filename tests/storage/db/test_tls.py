"""TLS to PostgreSQL, as DATABASE_URL asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from storage.db.database import Database
from storage.db.outage import DatabaseError, DatabaseUnavailableError
from tests.storage.db.tls_front import TlsFront, certificate

if TYPE_CHECKING:
    from pathlib import Path

    from bench.harness.postgresql import DatabaseServer


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
