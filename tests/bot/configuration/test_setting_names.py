"""Which names count as misspelt settings, and which belong to other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from bot.cli.cli import main
from bot.configuration.setting_names import misspellings, refuse
from bot.configuration.settings import SettingError, load

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "123456:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
FOREIGN = """
PATH HOME HOSTNAME LANG LC_ALL TERM PWD SHLVL GPG_KEY PYTHON_VERSION PYTHON_SHA256
PYTHON_PIP_VERSION PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE TZ USER LOGNAME SHELL MAIL
KUBERNETES_PORT KUBERNETES_PORT_443_TCP KUBERNETES_PORT_443_TCP_ADDR
KUBERNETES_PORT_443_TCP_PORT KUBERNETES_PORT_443_TCP_PROTO KUBERNETES_SERVICE_HOST
KUBERNETES_SERVICE_PORT KUBERNETES_SERVICE_PORT_HTTPS DATABASE_PORT DATABASE_PORT_5432_TCP
DATABASE_PORT_5432_TCP_ADDR DATABASE_SERVICE_HOST DATABASE_SERVICE_PORT DATABASE_HOST
DATABASE_NAME DATABASE_USER DATABASE_PASSWORD DATABASE_PRIVATE_URL DATABASE_PUBLIC_URL
DATABASE_SSL DATABASE_SCHEMA TELEGRAM_PORT TELEGRAM_SERVICE_HOST TELEGRAM_BOT_SERVICE_HOST
TELEGRAM_BOT_SERVICE_PORT TELEGRAM_BOT_PORT TELEGRAM_BOT_PORT_80_TCP ONNEWS_PORT
ONNEWS_SERVICE_HOST ONNEWS_SERVICE_PORT ONNEWS_PORT_9464_TCP_ADDR ON_NEWS_PORT BACKUP_PORT
BACKUP_SERVICE_HOST WEBHOOK_PORT WEBHOOK_SERVICE_HOST WEBHOOK_SERVICE_PORT METRICS_PORT
METRICS_SERVICE_HOST PROXY_PORT HTTP_PROXY_PORT HTTP_PROXY_SERVICE_HOST
HTTP_PROXY_PORT_3128_TCP ALLOWED_SERVICE_HOST ADMIN_PORT ADMIN_SERVICE_HOST
ADMIN_PORT_80_TCP ADMIN_USER ADMIN_PASSWORD ADMIN_EMAIL ADMIN_TOKEN ADMIN_URL ADMIN_DIR
ADMIN_IP ADMIN_IPS ADMIN_API_KEY ALLOWED_HOSTS ALLOWED_ORIGINS ALLOWEDIPS ALLOWED_IPS
ALLOWED_DOMAINS ALLOWED_URLS POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB POSTGRES_URL PGHOST
PGPORT PGUSER PGDATA PGPASSWORD PGDATABASE TEST_DATABASE_URL HEROKU_POSTGRESQL_BLUE_URL
REDIS_URL MYSQL_URL MONGO_URL DATALAKE_URL DATABANK_URL DATASET_URL SQLALCHEMY_DATABASE_URI
SHADOW_DATABASE_URL DATABASE_POOL_SIZE BACKUP_KEEP_DAYS BACKUP_CRON BACKUP_SCHEDULE
BACKUP_TIME BACKUP_S3_BUCKET BACKUP_KEY BACKUP_URL BACKUP_NAME BACKUP_PATH FTP_PROXY
ftp_proxy rsync_proxy RSYNC_PROXY SOCKS_PROXY http_proxy https_proxy no_proxy all_proxy
NPM_CONFIG_PROXY npm_config_https_proxy npm_config_http_proxy GIT_HTTP_PROXY PIP_PROXY
APT_PROXY WS_PROXY WSS_PROXY GRPC_PROXY HTTP_PROXY_HOST HTTP_PROXY_USER HTTP_PROXY_PASSWORD
HTTPS_PROXY_HOST TOR_PROXY AUTO_PROXY WEBHOOK_PATH WEBHOOK_TOKEN WEBHOOK_KEY
GITHUB_WEBHOOK_SECRET STRIPE_WEBHOOK_SECRET SLACK_WEBHOOK_URL DISCORD_WEBHOOK_URL
TELEGRAM_CHAT_ID TELEGRAM_TO TELEGRAM_API_ID TELEGRAM_API_HASH SLACK_BOT_TOKEN
DISCORD_BOT_TOKEN GITHUB_TOKEN CI_JOB_TOKEN NPM_TOKEN HF_TOKEN INVOCATION_ID JOURNAL_STREAM
RUNTIME_DIRECTORY STATE_DIRECTORY CACHE_DIRECTORY LOGS_DIRECTORY CONFIGURATION_DIRECTORY
CREDENTIALS_DIRECTORY NOTIFY_SOCKET WATCHDOG_USEC WATCHDOG_PID LISTEN_FDS LISTEN_PID
LISTEN_FDNAMES MAINPID SYSTEMD_EXEC_PID MEMORY_PRESSURE_WATCH XDG_RUNTIME_DIR CI
GITHUB_ACTIONS GITHUB_ACTOR GITHUB_ACTOR_ID GITHUB_REPOSITORY_ID GITHUB_API_URL
GITHUB_SERVER_URL RUNNER_OS RUNNER_TEMP ACTIONS_RUNTIME_URL ACTIONS_RUNTIME_TOKEN
GITLAB_USER_ID GITLAB_USER_NAME CI_PROJECT_ID CI_PROJECT_DIR CI_BUILDS_DIR CI_API_V4_URL
CI_COMMIT_SHA CI_REGISTRY_PASSWORD BUILD_ID BUILD_URL BUILD_NUMBER JOB_URL JENKINS_URL
WORKSPACE NODE_NAME EXECUTOR_NUMBER TRAVIS CIRCLECI BUILDKITE_AGENT_ID TEAMCITY_VERSION DYNO
PORT RAILWAY_PROJECT_ID RENDER_SERVICE_ID FLY_APP_NAME FLY_MACHINE_ID K_SERVICE K_REVISION
WEBSITE_SITE_NAME ECS_CONTAINER_METADATA_URI AWS_REGION AWS_ACCESS_KEY_ID
GOOGLE_APPLICATION_CREDENTIALS LOG_DIR LOG_FILE LOG_PATH LOGGING_LEVEL LOG_OPTS
DEFAULT_LOCALE DEFAULT_USER DEFAULT_REGION METRICS_PATH METRICS_ENABLED OPERATOR_NAMESPACE
WATCH_NAMESPACE POD_NAME POD_NAMESPACE POD_IP COMPOSE_PROJECT_NAME DOCKER_HOST container
DEBIAN_FRONTEND NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE
REQUESTS_CA_BUNDLE MANPATH INFOPATH EDITOR PAGER DISPLAY DBUS_SESSION_BUS_ADDRESS
SSH_AUTH_SOCK SSH_CONNECTION SUDO_USER SUDO_UID MEMORY_LIMIT BASH_FUNC_x%% _
"""
"""Names of variables of containers, Kubernetes, systemd, CI machines, clouds and shells."""

ENDS_THE_START = {
    "ALLOWED_IDS": (
        "ALLOWED_ID ALLOWED_IDs ALOWED_IDS ALLOWED-IDS ALLOWED.IDS ALLOWEDIDS allowed_ids "
        "ALLOW_IDS "
        "ALLOWED_DIS ALLOEWD_IDS ALLOWED_USERS ALLOWED_USER_IDS "
        "ONNEWS_ALLOWED_IDS ALLOWED_IDS_FILE ALLOWED_IDS_LIST ALLOWED_CHAT ALLOWED_GROUPS "
        "ALLOWED_USER ALLOWED_GROUP ALLOWED_CHAT_ID PERMITTED_IDS AUTHORIZED_USERS"
    ),
    "ADMIN_IDS": (
        "ADMIN_ID ADMINS_IDS ADMIN_ISD ADMINIDS ADMN_IDS TELEGRAM_ADMIN_IDS ADMIN_USER_IDS "
        "TELEGRAM_ADMIN_USER"
    ),
    "EDITOR_IDS": "EDITOR_ID EDITORS_IDS EDITOR_DIS EDITORIDS EDITOR_USER_IDS editor_ids",
    "DATABASE_URL": (
        "DATABASE_URI DATABSE_URL DATABASE_ULR DATABASEURL DATA_BASE_URL DATBASE_URL "
        "DATABASES_URLS DATABASE_URL_FILE"
    ),
    "BACKUP_DIR": "BACKUP_DIRS BACKUPS_DIR BACKUPDIR BACKUP_DRI BACK_UP_DIR BACKUP_DIRECTORY",
    "TELEGRAM_BOT_TOKEN": (
        "TELEGRAM_BOT_TOKE TELEGRAMM_BOT_TOKENS TELEGRAM_BOT_TOEKN telegram_bot_token"
    ),
    "WEBHOOK_SECRET": "WEBHOOK_SECRETS WEB_HOOK_SECRET WEBHOK_SECRT TELEGRAM_WEBHOOK_SECRET",
    "HTTPS_PROXY": "HTTS_PROXY HTTPS_PROXI HTTPSPROXY HTTPS_PROXIES ONNEWS_HTTPS_PROXY",
    "HTTP_PROXY": "HTTP_PROXIE http_proxies ON_NEWS_HTTP_PROXY",
    "ALL_PROXY": "ALL_PROXYS ALLPROXY ALL_PROXIES",
    "TELEGRAM_PROXY": "TELEGRM_PROXY TELEGRAM_PROXI TELEGRAM_PROXIE",
    "SOURCES_PROXY": "SOURCE_PROXY SOURCES_PROXYS SOURCE_PROXIES",
}
WARNED_OF = {
    "EDITION_SIZE": "EDITION_SIZES EDITIONSIZE",
    "LOG_LEVEL": "LOGLEVEL LOG_LEVL log_level",
    "NO_PROXY": "NO_PROXI",
    "WEBHOOK_URL": "WEBHOOK_URI ONNEWS_WEBHOOK_URL",
}


def each(names: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, meant) for meant, several in names.items() for name in several.split()]


@pytest.mark.parametrize(("name", "meant"), each(ENDS_THE_START))
def test_a_dangerous_misspelling_ends_the_start(name: str, meant: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{name}=55\n" if name.isidentifier() else "")
    (found,) = misspellings({name: "55"}, None)
    assert (found.meant, found.ends_start) == (meant, True)
    for written in misspellings({}, file):
        assert (written.name, written.meant, written.ends_start) == (name, meant, True)


@pytest.mark.parametrize(("name", "meant"), each(WARNED_OF))
def test_a_harmless_misspelling_is_a_warning(name: str, meant: str) -> None:
    (found,) = misspellings({name: "55"}, None)
    assert (found.meant, found.ends_start) == (meant, False)


@pytest.mark.parametrize(
    "value", ["", "1000", "admin", "/var/lib", "https://one.example:8443", "postgres://u:p@db/app"]
)
def test_names_of_other_programs_settings_are_ignored(value: str) -> None:
    assert misspellings(dict.fromkeys(FOREIGN.split(), value), None) == []


def test_a_paraphrased_name_counts_only_if_its_value_fits_and_the_setting_is_missing() -> None:
    (found,) = misspellings({"DB_URL": "postgres://u:p@db/app"}, None)
    assert (found.meant, found.ends_start) == ("DATABASE_URL", True)
    assert misspellings({"DB_URL": "mysql://u:p@db/app"}, None) == []
    assert misspellings({"ALLOWED_USERS": "anna,bert"}, None) == []
    assert misspellings({"ADMIN_USER_ID": "7", "ADMIN_IDS": "8"}, None) == []
    assert misspellings({"ADMIN_ID": "7", "ADMIN_IDS": "8"}, None)[0].ends_start


def test_a_name_near_roles_counts_in_the_environment_only_if_its_value_names_a_role(
    tmp_path: Path,
) -> None:
    for name in ("ROLE", "ROLLES", "roles", "RO_LES", "ONNEWS_ROLES", "BOT_ROLE"):
        (found,) = misspellings({name: "answer,send"}, None)
        assert (found.meant, found.ends_start) == ("ROLES", True), name
        assert misspellings({name: "web"}, None) == []
    file = tmp_path / ".env"
    file.write_text("ROLE=anwser\n")
    (found,) = misspellings({}, file)
    assert (found.meant, found.ends_start) == ("ROLES", True)


def test_a_misspelt_name_with_an_empty_value_does_not_end_the_start() -> None:
    (found,) = misspellings({"ALLOWED_ID": " "}, None)
    assert (found.meant, found.ends_start) == ("ALLOWED_IDS", False)


@pytest.mark.parametrize(
    "line",
    [
        "ALLOWED_IDS: 55",
        "ALLOWED_IDS='55",
        "set ALLOWED_IDS=55",
        "ALLOWED IDS=55",
        "ALOWED_IDS 5 6",
    ],
)
def test_an_unparsable_line_about_a_decisive_setting_ends_the_start(
    tmp_path: Path, line: str
) -> None:
    file = tmp_path / ".env"
    file.write_text(f"EDITION_SIZE=5\n{line}\n")
    with pytest.raises(SettingError, match=r"^ALLOWED_IDS: line 2 of .* cannot be read") as caught:
        refuse(misspellings({}, file), file)
    assert "55" not in str(caught.value)
    file.write_text("EDITION_SIZE: 5\nNews from here and there\n")
    refuse(misspellings({}, file), file)


def test_an_empty_line_of_the_example_does_not_hide_a_line_above_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("ALLOWED_IDS=55\nALLOWED_IDS=\nEDITION_SIZE=5\nEDITION_SIZE=6\n")
    settings = load({}, file)
    assert (settings.allowed_ids, settings.edition_size) == ((55,), 6)


def test_a_misspelling_in_both_file_and_environment_is_named_once(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("ALLOWED_ID=55\nEDITION_SIZES=5\nSHOE=44\n")
    found = misspellings({"ALLOWED_ID": "55", "EDITION_SIZES": "5", "SHOE": "44"}, file)
    assert [(one.name, one.file) for one in found] == [
        ("ALLOWED_ID", file),
        ("EDITION_SIZES", file),
        ("SHOE", file),
    ]


def test_the_file_may_name_proxies_in_lower_case(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("https_proxy=http://proxy.example:3128\n")
    assert load({}, file).https_proxy is not None
    assert misspellings({}, file) == []


def test_five_misspelt_names_in_a_containers_environment_end_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.process.logs.configure", lambda *_: None)
    (tmp_path / ".env").touch(mode=0o600)
    five = {
        "ALLOWED_ID": "55",
        "ADMINS_IDS": "56",
        "DATABASE_URI": "postgresql://onnews:hush@db/onnews",
        "BACKUPS_DIR": "/data/backups",
        "TELEGRAM_PROXI": "http://u:hush@proxy.example:3128",
    }
    # A proxy of other programs' is a setting too, in lower case.
    env = {**dict.fromkeys(FOREIGN.split(), "squid:1000"), "TELEGRAM_BOT_TOKEN": TOKEN, **five}
    names = {"HOME", "PATH", "LC_ALL", "LANG", "TZ", "TERM"}
    result = CliRunner().invoke(main, ["run"], env={n: v for n, v in env.items() if n not in names})
    assert result.exit_code == 1
    line = result.output
    assert line.startswith("Error: ")
    assert line.count("\n") == 1
    meant = ("ALLOWED_IDS", "ADMIN_IDS", "DATABASE_URL", "BACKUP_DIR", "TELEGRAM_PROXY")
    for name, right in zip(five, meant, strict=True):
        assert name in line
        assert right in line
    assert "hush" not in line
    assert not (tmp_path / "var").exists()
