"""The files of `docker compose -f compose.replicas.yaml`: those of Compose, nginx and PgBouncer."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import check_jsonschema
import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from bench.harness.processes import BrokenRunError
from bench.rigs.replicas.proxies import (
    NGINX_CONF,
    PGBOUNCER_INI,
    PgBouncer,
    configured,
    missing,
    program,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "compose.replicas.yaml"
needs_both = pytest.mark.skipif(bool(missing()), reason=missing())


def schema_says(path: Path) -> str:
    """Return what the schema of compose files says of a file; empty if it fits."""
    found = CliRunner().invoke(
        check_jsonschema.main,
        ["--no-cache", "--builtin-schema", "vendor.compose-spec", str(path)],
    )
    return found.output if found.exit_code else ""


@pytest.mark.parametrize("path", sorted(ROOT.glob("compose*.yaml")), ids=lambda path: path.name)
def test_a_compose_file_fits_its_schema(path: Path, tmp_path: Path) -> None:
    assert not schema_says(path)
    wrong = tmp_path / path.name
    wrong.write_text(path.read_text().replace("restart:", "restarts:"))
    assert "'restarts' was unexpected" in schema_says(wrong)


@needs_both
@pytest.mark.skipif(os.geteuid() != 0, reason="nginx makes its own folders only for root")
def test_nginx_takes_its_file(tmp_path: Path) -> None:
    command = [program("nginx") or "nginx", "-t", "-p", str(tmp_path), "-c", str(NGINX_CONF)]
    found = subprocess.run(  # noqa: S603 - a program that the test looks up
        [*command, "-e", "stderr", "-g", "pid nginx.pid;"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "syntax is ok" in found.stderr
    assert found.returncode == 0, found.stderr


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PgBouncer's user may read, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="onnews-pgbouncer-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@needs_both
async def test_pgbouncer_takes_its_file(folder: Path) -> None:
    pgbouncer = PgBouncer(folder, folder, "onnews")
    try:
        await pgbouncer.start()
    finally:
        await pgbouncer.kill()
    # It says so at its start, with the default of another number if it took another file.
    assert "max_client_conn: 500," in (folder / "log.txt").read_text()


@needs_both
async def test_pgbouncer_refuses_a_file_with_a_mistake(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = folder / "wrong.ini"
    wrong.write_text(PGBOUNCER_INI.read_text().replace("pool_mode", "pooling_mode"))
    monkeypatch.setattr("bench.rigs.replicas.proxies.PGBOUNCER_INI", wrong)
    with pytest.raises(BrokenRunError, match="pooling_mode"):
        await PgBouncer(folder, folder, "onnews").start()


def test_the_files_name_one_another_as_they_are() -> None:
    compose, pooler = COMPOSE.read_text(), PGBOUNCER_INI.read_text()
    assert f"./deploy/{PGBOUNCER_INI.name}:/etc/pgbouncer/pgbouncer.ini:ro" in compose
    assert f"./deploy/{NGINX_CONF.name}:/etc/nginx/nginx.conf:ro" in compose
    address = compose.partition("DATABASE_URL: ")[2].partition("\n")[0]
    url = make_url(address.replace("${POSTGRES_PASSWORD:?write POSTGRES_PASSWORD into .env}", "p"))
    assert url.host == "pgbouncer"
    assert f"listen_port = {url.port}\n" in pooler
    assert f"\n{url.database} = host=database " in pooler
    assert "WEBHOOK_LISTEN: 0.0.0.0:8080\n" in compose
    assert "8080" not in configured("127.0.0.1", 9, "127.0.0.1:53")


def test_pgbouncer_soon_tries_a_database_again_that_was_away() -> None:
    pooler = PGBOUNCER_INI.read_text()
    assert "\nserver_login_retry = 1\n" in pooler
    assert "\nserver_connect_timeout = 3\n" in pooler
