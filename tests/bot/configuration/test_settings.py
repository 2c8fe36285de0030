from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.composition import model_of
from bot.configuration.setting_names import misspellings, remarks
from bot.configuration.settings import NAMES, SettingError, Settings, load, place
from storage.model import Layout
from storage.replicas.roles import Role

ROOT = Path(__file__).parents[3]
TOKEN = "123456:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"


def test_every_setting_but_the_token_has_a_default() -> None:
    settings = load({})
    assert settings == Settings()
    with pytest.raises(SettingError, match=r"TELEGRAM_BOT_TOKEN.*@BotFather"):
        settings.require_token()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("EDITION_SIZE=5\nDEFAULT_LANGUAGE=it\n")
    settings = load({"EDITION_SIZE": "7"}, file)
    assert (settings.edition_size, settings.default_language) == (7, "it")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes("EDITION_SIZE=5\n".encode("utf-16"))
    with pytest.raises(SettingError, match=r"\.env: is not UTF-8 text"):
        load({}, file)


def test_an_empty_value_is_the_default() -> None:
    assert load({"FETCH_EVERY": " ", "ADMIN_IDS": ""}) == Settings()


@pytest.mark.parametrize("blank", ["", "  ", "\t", "\u00a0"])
def test_a_blank_value_in_the_environment_does_not_hide_that_of_the_file(
    tmp_path: Path, blank: str
) -> None:
    file = tmp_path / ".env"
    file.write_text("ALLOWED_IDS=55\nBACKUP_DIR=backups\nHTTPS_PROXY=http://one.example:3128\n")
    settings = load(dict.fromkeys(("ALLOWED_IDS", "BACKUP_DIR", "HTTPS_PROXY"), blank), file)
    assert settings == load({}, file)
    assert settings.allowed_ids == (55,)
    proxy = {"HTTPS_PROXY": blank, "https_proxy": "http://two.example:3128"}
    assert load(proxy, file) == load({"HTTPS_PROXY": "http://two.example:3128"}, file)


def test_values_are_parsed_into_their_types() -> None:
    settings = load(
        {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": "http://127.0.0.1:8081/",
            "ADMIN_IDS": "1, 22,",
            "EDITOR_IDS": "333",
            "DEFAULT_DIGEST_TIME": "7:45",
            "DEFAULT_LAYOUT": "Front-Page",
            "ALLOW_PRIVATE_SOURCES": "True",
            "DEFAULT_LANGUAGE": "zh-Hant",
            "LOG_LEVEL": "debug",
        }
    )
    assert settings.telegram_api_url == "http://127.0.0.1:8081"
    assert settings.admin_ids == (1, 22)
    assert settings.editor_ids == (333,)
    assert settings.default_digest_time == 465
    assert settings.default_layout is Layout.FRONT_PAGE
    assert settings.allow_private_sources is True
    assert settings.default_language == "zh-Hant"
    assert settings.log_level == "DEBUG"


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("TELEGRAM_BOT_TOKEN", "hello", "BotFather"),
        ("TELEGRAM_API_URL", "api.telegram.org", "https://"),
        ("TELEGRAM_API_URL", "https://api.telegram.org:99999", "such as https://"),
        ("TELEGRAM_API_URL", "http://[::1", "such as https://"),
        ("TELEGRAM_API_URL", "http://api telegram org", "such as https://"),
        ("DATABASE_URL", "onnews.db", "sqlite:///"),
        ("ADMIN_IDS", "1;2", "commas"),
        ("ALLOWED_IDS", " , ", "numbers with commas"),
        ("ADMIN_IDS", "7,-1001234567890", "-1001234567890 is a group or a channel; write people"),
        ("WEBHOOK_SECRET", "a-secret-word", "without WEBHOOK_URL"),
        ("ROLES", "answer,sned", "must be answer or send, or both, separated by commas"),
        ("ROLES", "fetch", "fetch goes with send: write send, answer, or both"),
        ("ROLES", "answer;send", "separated by commas"),
        ("ROLES", ",", "must be answer or send, or both"),
        ("ROLES", "answer,fetch", "on SQLite one process does all the work: remove ROLES"),
        ("DEFAULT_LANGUAGE", "italian", "such as en"),
        ("DEFAULT_LANGUAGE", "en/it", "such as en"),
        ("DEFAULT_TIMEZONE", "Milan", "Europe/Rome"),
        ("DEFAULT_TIMEZONE", "../etc/passwd", "IANA"),
        ("DEFAULT_DIGEST_TIME", "25:00", "08:00"),
        ("DEFAULT_LAYOUT", "front page", "front-page, summaries, headlines"),
        ("SOURCE_PACKS", "en,wathces", "wathces is not a language or trade of sources"),
        ("EDITION_SIZE", "0", "1 to 30"),
        ("FETCH_EVERY", "soon", "seconds"),
        ("ALLOW_PRIVATE_SOURCES", "yes", "true or false"),
        ("MESSAGES_PER_SECOND", "5000", "1000"),
        ("MESSAGES_PER_SECOND", "31", "PAID_BROADCAST=true"),
        ("PAID_BROADCAST", "on", "true or false"),
        ("BACKUP_KEEP", "0", "1 to 1000"),
        ("KEEP_DELIVERIES_DAYS", "7", "0 for ever"),
        ("KEEP_ARTICLES_DAYS", "-1", "days from 200"),
        ("METRICS_ADDRESS", "localhost", "9464"),
        ("METRICS_ADDRESS", "99999", "9464"),
        ("METRICS_ADDRESS", ":9464", "9464"),
        ("MODEL_URL", "localhost:11434", "such as http://127.0.0.1:11434/v1"),
        ("MODEL_URL", "http://anna:secret-word@127.0.0.1/v1", "write the key into MODEL_KEY"),
        ("MODEL_URL", "http://127.0.0.1:11434/v1", "MODEL_NAME"),
        ("MODEL_NAME", "mistral-small", "MODEL_URL"),
        ("MAIL_IN", "imap.example.com", "such as imaps://"),
        ("MAIL_IN", "imap://bot@imap.example.com/INBOX", "such as imaps://"),
        ("MAIL_IN", "imaps://imap.example.com/INBOX", "such as imaps://"),
        ("MAIL_IN", "imaps://bot:secret-word@imap.example.com", "write it into MAIL_IN_PASSWORD"),
        ("MAIL_IN", "imaps://bot@imap.example.com/INBOX", "without MAIL_IN_PASSWORD"),
        ("MAIL_IN_PASSWORD", "secret-word", "without MAIL_IN"),
        ("MAIL_IN_PASSWORD", "secret-w\u00f6rd", "ASCII"),
        ("MAIL_IN_AUTHSERV", "mx.example.com; dmarc=pass", "first word"),
        ("MODEL_NAME", "mistral small", "without spaces"),
        ("MODEL_KEY", "secret-word", "without MODEL_URL"),
        ("MODEL_KEY", "secret-word twice", "without spaces"),
        ("MODEL_TOKENS_A_DAY", "10", "1000 to 999999999"),
        ("LOG_LEVEL", "loud", "DEBUG"),
        ("LOG_FORMAT", "xml", "text, json"),
    ],
)
def test_a_wrong_value_is_named_in_one_line_that_says_what_to_do(
    name: str, value: str, advice: str
) -> None:
    with pytest.raises(SettingError) as caught:
        load({name: value})
    line = str(caught.value)
    assert line.startswith(f"{name}: ")
    assert "secret-word" not in line
    assert advice in line
    assert "\n" not in line


def test_roles_are_read_in_any_order_and_all_of_them_are_the_default() -> None:
    assert load({}).roles == tuple(Role)
    assert load({"ROLES": "fetch, SEND,answer"}).roles == tuple(Role)
    on_a_server = {"ROLES": "answer,fetch", "DATABASE_URL": "postgresql://news@one.example/news"}
    assert load(on_a_server).roles == (Role.ANSWER,)
    shared = load({"ROLES": "send,Answer,send", "DATABASE_URL": "postgresql://db/onnews"})
    assert shared.roles == (Role.ANSWER, Role.SEND)


def test_a_rate_above_the_free_one_needs_paid_broadcast() -> None:
    assert load({"MESSAGES_PER_SECOND": "30"}).messages_per_second == 30
    paying = load({"MESSAGES_PER_SECOND": "1000", "PAID_BROADCAST": "true"})
    assert (paying.messages_per_second, paying.paid_broadcast) == (1000, True)
    with pytest.raises(SettingError, match="a Star for 10 messages above 30 a second"):
        load({"MESSAGES_PER_SECOND": "1000", "PAID_BROADCAST": "false"})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("9464", ("127.0.0.1", 9464)),
        ("0.0.0.0:9464", ("0.0.0.0", 9464)),  # noqa: S104  # an operator's choice
        ("[::1]:9464", ("::1", 9464)),
        ("monitor.example:80", ("monitor.example", 80)),
    ],
)
def test_metrics_are_served_to_this_machine_only_by_default(
    text: str, meant: tuple[str, int]
) -> None:
    assert load({"METRICS_ADDRESS": text}).metrics_address == meant


def test_trusted_proxies_are_addresses_and_networks() -> None:
    text = "10.0.0.5, 10.1.2.3/16,[2001:db8::1], 10.0.0.5"
    found = load({"TRUSTED_PROXIES": text}).trusted_proxies
    assert [str(each) for each in found] == ["10.0.0.5/32", "10.1.0.0/16", "2001:db8::1/128"]
    with pytest.raises(SettingError, match=r"TRUSTED_PROXIES: proxy\.example is not an address"):
        load({"TRUSTED_PROXIES": "10.0.0.5,proxy.example"})


def test_the_error_about_a_malformed_token_does_not_repeat_it() -> None:
    with pytest.raises(SettingError) as caught:
        load({"TELEGRAM_BOT_TOKEN": "123456:not/a/token"})
    assert "not/a/token" not in str(caught.value)


def test_secrets_stay_out_of_the_repr() -> None:
    settings = load(
        {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "DATABASE_URL": "postgresql://u:hush@h/d",
            "MODEL_URL": "http://127.0.0.1:11434/v1/chat/completions",
            "MODEL_NAME": "mistral-small:24b",
            "MODEL_KEY": "sk-quiet",
        }
    )
    assert settings.model_url == "http://127.0.0.1:11434/v1"
    assert TOKEN not in repr(settings)
    assert "hush" not in repr(settings)
    assert "sk-quiet" not in repr(settings)
    assert "sk-quiet" not in repr(model_of(settings))


def test_relative_paths_start_from_the_folder_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BACKUP_DIR=backups\n")
    found = load({}, *place(tmp_path / ".env", Path("/somewhere/else")))
    assert found.database_url == f"sqlite:///{tmp_path}/var/onnews.db"
    assert found.backup_dir == tmp_path / "backups"
    whole = {"DATABASE_URL": "sqlite:////var/lib/on.db", "BACKUP_DIR": "/mnt/backups"}
    found = load(whole, None, tmp_path)
    assert (found.database_url, found.backup_dir) == (
        "sqlite:////var/lib/on.db",
        Path("/mnt/backups"),
    )
    far = "postgresql://user@host/name"
    assert load({"DATABASE_URL": far}, None, tmp_path).database_url == far


def test_the_named_env_file_wins_then_the_folders_then_the_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, project = tmp_path / "here", tmp_path / "project"
    for folder in (here, project):
        folder.mkdir()
    monkeypatch.setattr("bot.configuration.settings.PROJECT", project)
    assert place(None, here) == (None, here)
    (project / "pyproject.toml").touch()
    assert place(None, here) == (None, project)
    (project / ".env").touch()
    assert place(None, here) == (project / ".env", project)
    (here / ".env").touch()
    assert place(None, here) == (here / ".env", here)
    assert place(project / ".env", here) == (project / ".env", project)
    with pytest.raises(SettingError, match=r"--env-file: there is no file .*nowhere"):
        place(tmp_path / "nowhere", here)


def said(file: Path | None) -> list[str]:
    """Return the warnings about an `.env` with an empty environment."""
    return remarks(file, misspellings({}, file))


def test_a_misspelt_setting_is_named_with_what_was_meant(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("TELEGRAM_BOT_TOKN=1:a\nEDITION_SIZE=5\nSHOE=44\nTZ=UTC\nhttps_proxy=\n")
    file.chmod(0o600)
    first, second = said(file)
    assert "TELEGRAM_BOT_TOKN" in first
    assert "did you mean TELEGRAM_BOT_TOKEN?" in first
    assert "SHOE" in second
    assert ".env.example" in second
    assert said(None) == []


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("EDITION_SIZE=5\nFETCH_EVERY 7\n", "line 2 of {} is not NAME=value, and is ignored; "),
        ('EDITION_SIZE=5\nOPERATOR_NAME="Anna\n# end\n', "line 2 of {} is not NAME=value"),
        ("EDITION_SIZE=5\n" + "a b\n" * 7, "lines 2, 3, 4, 5, 6 and 2 more of {} are not NAME"),
    ],
)
def test_senseless_lines_are_named_once_and_the_others_apply(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, remark: str
) -> None:
    file = tmp_path / ".env"
    file.write_text(text)
    file.chmod(0o600)
    assert load({}, file).edition_size == 5
    (line,) = said(file)
    assert line.startswith(remark.format(file))
    assert line.endswith("write it as in .env.example, or remove it")
    assert not caplog.messages


def test_an_env_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("EDITION_SIZE=5\n", encoding="utf-8-sig")
    file.chmod(0o600)
    assert load({}, file).edition_size == 5
    assert said(file) == []


def test_a_user_name_of_an_editor_is_refused_with_what_to_write(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("EDITOR_IDS=@anna\nEDITION_SIZE=5\n")
    with pytest.raises(SettingError, match=r"EDITOR_IDS: @anna is a name.*write people's own ids"):
        load({}, file)


def test_an_env_that_others_can_read_is_warned_about(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.touch()
    file.chmod(0o640)
    assert said(file) == [f"others on this machine can read {file}; chmod 600 {file}"]
    file.chmod(0o600)
    assert said(file) == []


def test_the_example_lists_every_setting_with_its_default_and_a_comment() -> None:
    text = (ROOT / ".env.example").read_text()
    assert tuple(re.findall(r"^([A-Z_]+)=", text, re.MULTILINE)) == NAMES
    assert len(re.findall(r"^# .+\n[A-Z_]+=", text, re.MULTILINE)) == len(NAMES)
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))
    assert load(values) == Settings()
