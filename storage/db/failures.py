"""The meaning of a driver's error: an outage, a wrong setting, or a bug."""

from __future__ import annotations

import errno
import os
import re
import socket
import sqlite3
import ssl
from typing import TYPE_CHECKING

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionLeftError

from storage.db.outage import DatabaseFailure, OutageScope

if TYPE_CHECKING:
    from storage.db.address import Address

_NOT_ONE = (
    "Move it away, or name another file in DATABASE_URL; use `onnews restore` to read a backup."
)
_ERRNO = re.compile(r"\[Errno (\d+)\]")
_LOGIN = frozenset({"28P01", "28000"})
_NO_SUCH_DATABASE = "3D000"
_READ_ONLY = "25006"
_FULL = "53100"
_STARTING = "57P03"
_TOO_MANY = "53300"
_OUTAGES = ("08", "53", "57P", "58", "25P03", "25P04", "XX000")
"""Prefixes of PostgreSQL's error codes for a server that fails or shuts down."""

_SQLITE_OUTAGES = {
    sqlite3.SQLITE_BUSY: "another program has locked it",
    sqlite3.SQLITE_LOCKED: "another program has locked it",
    sqlite3.SQLITE_PROTOCOL: "another program has locked it",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_READONLY: "it cannot be written",
    sqlite3.SQLITE_NOMEM: "there is no memory left",
    sqlite3.SQLITE_PERM: "it may not be opened",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_NOTADB: "it is not an SQLite database",
}
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_WRITES_ONLY = _BUSY | {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR}
_PASSES = _BUSY | {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM}


def failure_of(error: BaseException, address: Address, *, write: bool) -> DatabaseFailure | None:
    """Return what an error means; None if it is a bug or unrelated to the database's state."""
    if isinstance(error, IntegrityError | DataError):
        return None
    if isinstance(error, NoConnectionLeftError):
        return DatabaseFailure(
            f"{_server(address)} answers too slowly: every connection is in use",
            "Look at what the server is busy with.",
            lost=False,
        )
    cause = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        cause = error.orig.__cause__ or error.orig
    if address.path is not None:
        return _of_file(cause, address, write=write)
    return _of_server(error, cause, address)


def _of_file(cause: BaseException, address: Address, *, write: bool) -> DatabaseFailure | None:
    file = f"the database file {address.path}"
    if isinstance(cause, OSError):
        scope = OutageScope.WRITES if write else OutageScope.ALL
        if cause.errno in _NO_ROOM:
            return DatabaseFailure(f"the disk of {file} is full", "Make room on it.", scope=scope)
        reason = f"{file} cannot be used ({cause.strerror or cause})"
        return DatabaseFailure(reason, _MAY_WRITE, passes=False, scope=scope)
    code = getattr(cause, "sqlite_errorcode", None)
    if not isinstance(code, int) or (code := code & 0xFF) not in _SQLITE_OUTAGES:
        return None
    if code == sqlite3.SQLITE_NOTADB:
        reason = f"{address.path} is not an SQLite database"
        return DatabaseFailure(reason, _NOT_ONE, passes=False, damaged=True)
    if code in _BUSY:
        reason = f"another program has locked {file}"
        advice = (
            "Close whatever else has it open: another ON News, a tool that reads it, or a copy "
            "being made of it."
        )
    elif code == sqlite3.SQLITE_FULL:
        reason, advice = f"the disk of {file} is full", "Make room on it."
    elif code == sqlite3.SQLITE_CORRUPT:
        reason = f"{file} is damaged ({cause})"
        advice = "Stop ON News, move the file away, and restore a backup with `onnews restore`."
    else:
        reason, advice = f"{file} cannot be used ({cause})", _MAY_WRITE
    scope = OutageScope.WRITES if write and code in _WRITES_ONLY else OutageScope.ALL
    # A full disk or a lock does not break the connection.
    lost = code not in _BUSY and code != sqlite3.SQLITE_FULL
    damaged = code == sqlite3.SQLITE_CORRUPT
    passes = code in _PASSES
    return DatabaseFailure(reason, advice, passes=passes, scope=scope, lost=lost, damaged=damaged)


_MAY_WRITE = (
    "See that the user who runs ON News may write to the file and its folder, and that the disk "
    "is not full."
)


def _server(address: Address) -> str:
    return f"PostgreSQL at {address.shown.rpartition('@')[2].removeprefix('postgresql://')}"


def _of_server(
    error: BaseException, cause: BaseException, address: Address
) -> DatabaseFailure | None:
    message = str(cause).strip().partition("\n")[0] or type(cause).__name__
    if address.password:
        message = message.replace(address.password, "***")
    server = _server(address)
    code = getattr(cause, "sqlstate", None) or getattr(error, "sqlstate", None) or ""
    found = _said_by_server(code, message, server, address)
    if found is not None or isinstance(error, ProgrammingError):
        return found
    if isinstance(cause, OSError):
        return _not_reached(cause, message, server)
    return _said_by_driver(error, cause, message, server)


def _said_by_driver(
    error: BaseException, cause: BaseException, message: str, server: str
) -> DatabaseFailure | None:
    """Return what an error raised by the driver itself means, not by the server."""
    kind = type(cause).__name__
    if kind == "ClientConfigurationError":
        reason = f"{server} cannot be connected to ({message})"
        advice = _AUTHORITY if "root certificate" in message else "Correct DATABASE_URL."
        return DatabaseFailure(reason, advice, passes=False)
    if kind == "TargetServerAttributeNotMatched":
        return DatabaseFailure(f"{server} accepts no writes: it is a replica", _PRIMARY)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or (kind in _CLOSED and ("clos" in message or "connect" in message)):
        # The driver's messages about its own states do not help an operator.
        why = "" if kind in {"InternalClientError", "InterfaceError"} else f" ({message})"
        return DatabaseFailure(f"the connection to {server} was lost{why}", _RUNS)
    return None


_CLOSED = frozenset(
    {
        *("InterfaceError", "InternalClientError", "ConnectionDoesNotExistError"),
        *("PendingRollbackError", "InvalidRequestError", "ResourceClosedError", "ProtocolError"),
        *("_NextHostSignal", "IncompleteReadError"),
    }
)
_RUNS = "See that PostgreSQL runs, and that the address in DATABASE_URL is right."
_PRIMARY = "Name the primary host in DATABASE_URL, or all hosts, separated by commas."


_AUTHORITY = (
    "Name the file of the authority that signed it as sslrootcert in DATABASE_URL, or "
    "sslrootcert=system for those of this system."
)
_ANOTHER_NAME = (
    "Write the host in DATABASE_URL as the certificate names it, or sslmode=verify-ca to leave the "
    "name out."
)
_OTHER_NAMES = frozenset({62, 64})
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""
_OUT_OF_DATE = frozenset({9, 10})
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""


def _not_trusted(cause: ssl.SSLCertVerificationError, server: str) -> DatabaseFailure:
    why = cause.verify_message.rstrip(".")
    if cause.verify_code in _OTHER_NAMES:
        reason = f"the certificate of {server} is for another host ({why})"
        return DatabaseFailure(reason, _ANOTHER_NAME, passes=False)
    reason = f"the certificate of {server} cannot be trusted ({why})"
    if cause.verify_code in _OUT_OF_DATE:
        return DatabaseFailure(reason, "Renew it, or set this machine's clock.", passes=False)
    return DatabaseFailure(reason, _AUTHORITY, passes=False)


def _not_reached(cause: OSError, message: str, server: str) -> DatabaseFailure:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _not_trusted(cause, server)
    if isinstance(cause, ssl.SSLError) and cause.library == "X509":
        # Python's message names OpenSSL's function, but not the file.
        return DatabaseFailure(
            f"a file that DATABASE_URL names for {server} is no certificate or key",
            "Name files in PEM form as sslrootcert, sslcert and sslkey.",
            passes=False,
        )
    if "rejected SSL" in message:
        return DatabaseFailure(
            f"{server} does not support TLS, which DATABASE_URL requires",
            "Turn it on in the server, or remove sslmode.",
            passes=False,
        )
    if isinstance(cause, socket.gaierror):
        message = f"unknown host name: {cause.strerror}"
    elif isinstance(cause, TimeoutError):
        message = "it does not answer"
    elif number := cause.errno or int((_ERRNO.search(message) or [0, 0])[1]):
        # asyncio's message names a system call, and lists every address of the host.
        message = os.strerror(number)
    return DatabaseFailure(f"{server} cannot be reached ({message})", _RUNS)


def _not_let_in(message: str, server: str) -> DatabaseFailure:
    """Return what it means that no line of the server's pg_hba.conf fits."""
    advice = "Add a line for it to pg_hba.conf on the server"
    if message.endswith("no encryption"):
        advice += ", or write sslmode=require into DATABASE_URL if the server asks for TLS"
    return DatabaseFailure(
        f"{server} accepts no connection from here ({message})", f"{advice}.", passes=False
    )


def _said_by_server(
    code: str, message: str, server: str, address: Address
) -> DatabaseFailure | None:
    """Return what PostgreSQL's error code means, if an operator can act on it; else None."""
    known = {
        **dict.fromkeys(
            _LOGIN,
            DatabaseFailure(
                f"PostgreSQL refuses the user name or password of {address.shown}",
                "Correct DATABASE_URL; characters such as @ : / in a password are written as "
                "%40 %3A %2F.",
                passes=False,
            ),
        ),
        _NO_SUCH_DATABASE: DatabaseFailure(
            f"PostgreSQL has no database {address.database!r}",
            f"Create it (createdb {address.database}), or name another in DATABASE_URL.",
            passes=False,
        ),
        _READ_ONLY: DatabaseFailure(
            f"{server} accepts no writes", _PRIMARY, scope=OutageScope.WRITES
        ),
        _FULL: DatabaseFailure(
            f"the disk of {server} is full",
            "Make room on it.",
            scope=OutageScope.WRITES,
            lost=False,
        ),
        _STARTING: DatabaseFailure(
            f"{server} is not ready yet ({message})", "ON News continues once it is ready."
        ),
        _TOO_MANY: DatabaseFailure(
            f"{server} has no connection left ({message})",
            "Raise its max_connections, or close what else uses it.",
            lost=False,
        ),
    }
    if code in _LOGIN and message.startswith("no pg_hba.conf entry"):
        return _not_let_in(message, server)
    if code in known:
        return known[code]
    if code.startswith(_OUTAGES):
        return DatabaseFailure(f"the connection to {server} was lost ({message})", _RUNS)
    return None
