"""The format of a backup: lines of JSON in gzip, with a header and a trailer.

The header gives the revision of the tables, and the columns and number of rows of each. Then each
table follows: a line with its name, and each row as an array, in the order of its key. The trailer
gives for each table the number of rows and their SHA-256, and the SHA-256 of all lines before it. A
file without a matching trailer is no valid backup. The same rows give the same lines on SQLite and
PostgreSQL.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import Boolean, Float, Integer, String, Table, func, select

from storage.tables import schema
from storage.tables.columns import Utc, utc_text
from storage.tables.declaration import declaration_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

FORMAT = 1
LEVEL = 4
"""Gzip's compression level. Higher ones take half as long again and save 2 % of the size."""
GZIP = 31
"""zlib's `wbits` for the gzip format with the largest window."""
LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of a row at most; ON News has no longer rows."""
ROWS = 200
"""Rows read or written in one batch: a few hundred kilobytes."""
TIME, FLAG = "time", "flag"
TYPES = frozenset({TIME, FLAG, "number", "text"})

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class DamagedError(Exception):
    """The file is no complete backup of ON News. The message says why."""


class NewerError(Exception):
    """A newer version of the program made the backup."""


@dataclass(frozen=True, slots=True)
class Part:
    """A table in a backup."""

    name: str
    columns: tuple[tuple[str, str], ...]
    """Name and type (one of `TYPES`) of each column, in the order of a row's values."""
    key: tuple[str, ...]
    """The columns that order the rows."""
    rows: int


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a backup: when and from which tables it was made, and its parts."""

    revision: str
    """The revision of the tables, as the migrations number them."""
    made: datetime
    parts: tuple[Part, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows by table."""
        return {part.name: part.rows for part in self.parts}


class Rows:
    """Counts the rows of one table while they are written or read, and hashes them."""

    def __init__(self) -> None:
        self.count = 0
        self._digest = sha256()

    def lines(self, rows: Sequence[Any], part: Part) -> bytes:
        """Return the lines of some rows, and count them."""
        times = [at for at, (_, kind) in enumerate(part.columns) if kind == TIME]
        flags = [at for at, (_, kind) in enumerate(part.columns) if kind == FLAG]
        lines = []
        for row in rows:
            values = [*row]
            for at in times:
                value = values[at]
                if isinstance(value, datetime):
                    values[at] = utc_text(value)
            for at in flags:
                value = values[at]
                values[at] = None if value is None else bool(value)
            lines.append(encode(values))
        self.count += len(lines)
        text = ("\n".join(lines) + "\n").encode() if lines else b""
        self._digest.update(text)
        return text

    def add(self, line: bytes) -> None:
        """Count a line that was read."""
        self.count += 1
        self._digest.update(line)

    @property
    def checksum(self) -> tuple[int, str]:
        """The number of rows and their SHA-256 in hexadecimal."""
        return self.count, self._digest.hexdigest()


class BackupWriter:
    """Writes a backup to an open file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        # Unlike a GzipFile, this needs no closing when a backup is cancelled.
        self._gzip = zlib.compressobj(LEVEL, wbits=GZIP)
        self._digest = sha256()
        self._tables: dict[str, tuple[int, str]] = {}

    def begin(self, header: Header) -> None:
        """Write the header."""
        self._say(
            {
                "backup": "ON News",
                "format": FORMAT,
                "revision": header.revision,
                "made": utc_text(header.made),
                "tables": [asdict(part) for part in header.parts],
            }
        )

    def table(self, part: Part, batches: Iterable[Sequence[Any]]) -> None:
        """Write a table's rows."""
        self._say({"table": part.name})
        rows = Rows()
        for batch in batches:
            self._put(rows.lines(batch, part))
        self._tables[part.name] = rows.checksum

    def end(self) -> None:
        """Write the trailer."""
        trailer = {"end": self._tables, "sha256": self._digest.hexdigest()}
        self._file.write(self._gzip.compress((encode(trailer) + "\n").encode()))
        self._file.write(self._gzip.flush())

    def _say(self, line: Mapping[str, Any]) -> None:
        self._put((encode(line) + "\n").encode())

    def _put(self, lines: bytes) -> None:
        self._digest.update(lines)
        self._file.write(self._gzip.compress(lines))


class BackupReader:
    """Reads a backup from an open file, and compares it with its trailer.

    Raises:
        DamagedError: The header is not that of a backup. Each method also raises it for damage.
        NewerError: A newer version of the program wrote it.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._in = gzip.GzipFile(fileobj=file, mode="rb")
        self._digest = sha256()
        self._tables: dict[str, tuple[int, str]] = {}
        self.header = _header(self._line())

    def tables(self) -> Iterator[tuple[Part, Iterator[list[list[Any]]]]]:
        """Yield each table with its rows in batches; read all batches before the next table."""
        for part in self.header.parts:
            if _object(self._line()) != {"table": part.name}:
                raise DamagedError(f"the table {part.name} is not where the header says")
            rows = Rows()
            yield part, self._batches(part, rows)
            self._tables[part.name] = rows.checksum
        digest = self._digest.hexdigest()
        trailer = _object(self._line())
        tables = {name: [*values] for name, values in self._tables.items()}
        if trailer.get("sha256") != digest or trailer.get("end") != tables:
            raise DamagedError("its checksum does not match: it was changed or damaged")
        if self._read_line():
            raise DamagedError("there is data after its end")

    def checksum(self, part: Part) -> tuple[int, str]:
        """Return a table's number of rows and their SHA-256, after it was read."""
        return self._tables[part.name]

    def _batches(self, part: Part, rows: Rows) -> Iterator[list[list[Any]]]:
        left = part.rows
        while left:
            batch = []
            for _ in range(min(left, ROWS)):
                line = self._line()
                rows.add(line)
                batch.append(_row(line, part))
            left -= len(batch)
            yield batch

    def _line(self) -> bytes:
        line = self._read_line()
        if not line.endswith(b"\n"):
            raise DamagedError("it is incomplete: writing it was interrupted")
        self._digest.update(line)
        return line

    def _read_line(self) -> bytes:
        try:
            return self._in.readline(LONGEST_LINE)
        except (EOFError, OSError, zlib.error) as error:
            raise _broken(error) from None


def _broken(error: Exception) -> DamagedError:
    if isinstance(error, EOFError):
        return DamagedError("it is incomplete: writing it was interrupted")
    if isinstance(error, gzip.BadGzipFile) and "Not a gzipped" in str(error):
        return DamagedError("it is not a backup of ON News")
    return DamagedError("it was changed or damaged")


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise DamagedError("it was changed or damaged")
    return found


def _row(line: bytes, part: Part) -> list[Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, list) or len(row) != len(part.columns):
        raise DamagedError(f"a row of the table {part.name} cannot be read")
    return row


def _header(line: bytes) -> Header:
    try:
        fields = json.loads(line)
        if fields["backup"] != "ON News":
            raise DamagedError("it is not a backup of ON News")
        if fields["format"] > FORMAT:
            raise NewerError
        parts = tuple(
            Part(
                str(table["name"]),
                tuple((str(name), str(kind)) for name, kind in table["columns"]),
                tuple(map(str, table["key"])),
                int(table["rows"]),
            )
            for table in fields["tables"]
        )
        made = datetime.fromisoformat(fields["made"])
        return Header(str(fields["revision"]), made, parts)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DamagedError("it is not a backup of ON News") from None


def kept_tables() -> tuple[Table, ...]:
    """Return the tables whose declaration says that a backup has them, referenced ones first."""
    return tuple(table for table in schema.metadata.sorted_tables if declaration_of(table).backup)


def part_of(table: Table, rows: int) -> Part:
    """Return a table's description for the header."""
    return Part(
        table.name,
        tuple((column.name, _kind(column.type)) for column in table.columns),
        tuple(column.name for column in table.primary_key),
        rows,
    )


def _kind(type_: TypeEngine[Any]) -> str:
    """Return a backup's name of a column type; TypeError if the type cannot be stored."""
    if isinstance(type_, Utc):
        return TIME
    if isinstance(type_, Boolean):
        return FLAG
    if isinstance(type_, Integer | Float):
        return "number"
    if isinstance(type_, String):
        return "text"
    raise TypeError(f"a backup cannot have columns of the type {type_!r}")


def parts(connection: Connection) -> tuple[Part, ...]:
    """Return the descriptions of all tables, with their current numbers of rows."""
    return tuple(
        part_of(table, connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in kept_tables()
    )


def batches(connection: Connection, part: Part) -> Generator[Sequence[Any], None, None]:
    """Yield a table's rows in batches, ordered by its key, as the driver returns them."""
    quoted = connection.dialect.identifier_preparer.quote
    kinds = dict(part.columns)
    # Order text by code points, as SQLite does anyway.
    collate = "" if connection.dialect.name == "sqlite" else ' COLLATE "C"'
    order = (f"{quoted(name)}{collate if kinds[name] == 'text' else ''}" for name in part.key)
    columns = ", ".join(quoted(name) for name, _ in part.columns)
    query = f"SELECT {columns} FROM {quoted(part.name)} ORDER BY {', '.join(order)}"  # noqa: S608 - names of the schema
    options = {"stream_results": True, "max_row_buffer": ROWS}
    with connection.exec_driver_sql(query, execution_options=options) as result:
        yield from result.partitions(ROWS)
