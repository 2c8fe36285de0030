from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from sqlalchemy.exc import OperationalError
from telegram.error import InvalidToken, NetworkError

from bot.process.logs import POLLING, UPDATER, configure, one_line, redact

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "123456:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], sys.excepthook = handlers, hook
    root.setLevel(level)


@pytest.mark.parametrize("layout", ["text", "json"])
def test_the_log_never_contains_the_token(layout: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure("DEBUG", layout, TOKEN)
    log = logging.getLogger("telegram")
    log.info("POST https://api.telegram.org/bot%s/getMe", TOKEN)
    log.info("encoded %s", quote(TOKEN, safe=""))
    error_with_token = RuntimeError(f"the token `{TOKEN}` was rejected")
    log.error("it failed", exc_info=error_with_token)
    error = capsys.readouterr().err
    assert "AAbbCC" not in error
    assert error.count("<token>") == 3
    assert "RuntimeError" in error


def test_an_uncaught_exception_is_printed_without_the_token(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("INFO", "text", TOKEN)
    error = RuntimeError(f"https://api.telegram.org/bot{TOKEN}/getMe")
    sys.excepthook(RuntimeError, error, None)
    printed = capsys.readouterr().err
    assert "RuntimeError" in printed
    assert "AAbbCC" not in printed


def test_a_json_line_has_time_level_logger_and_message(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO", "json", TOKEN)
    logging.getLogger("news").warning("Hermès fell silent")
    line = json.loads(capsys.readouterr().err)
    assert line.keys() == {"time", "level", "logger", "message"}
    assert (line["level"], line["logger"], line["message"]) == (
        "WARNING",
        "news",
        "Hermès fell silent",
    )


def test_chatty_libraries_log_only_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO", "text", TOKEN)
    logging.getLogger("httpx").info("GET something")
    assert capsys.readouterr().err == ""


def test_an_error_of_a_statement_is_told_in_one_line_without_the_statement() -> None:
    error = OperationalError("SELECT 1", {}, OSError("the line is cut"))
    assert one_line(error) == "(builtins.OSError) the line is cut"
    assert one_line(TimeoutError()) == "TimeoutError"


def test_redacting_a_short_secret_leaves_other_words_alone() -> None:
    assert redact("TEST of 1:TEST", "1:TEST") == "TEST of <token>"


def test_unconfirmed_updates_at_a_stop_are_logged_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("INFO", "text", "")
    updater = logging.getLogger(UPDATER)
    for error in (NetworkError("another process serves"), ValueError("a defect")):
        try:
            raise error
        except type(error):
            updater.exception("Error while calling `get_updates` one more time")
    lines = capsys.readouterr().err
    assert "cannot confirm the last updates to Telegram (another process serves); they may" in lines
    assert lines.count("Traceback") == 1
    assert "ValueError: a defect" in lines


def test_the_end_of_polling_by_a_refused_token_is_logged_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("INFO", "text", "")
    error = InvalidToken("Unauthorized")
    logging.getLogger(POLLING).error("Network Retry Loop: Aborting.", exc_info=error)
    lines = capsys.readouterr().err
    assert "fetching updates ends (Unauthorized)" in lines
    assert "Traceback" not in lines
