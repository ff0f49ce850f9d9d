"""Databases that an earlier version made get the columns that came since."""

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import CreateColumn

from tools.desk.schema import METADATA
from tools.errors import StoreUnavailable


def add_columns(connection: Connection, place: str) -> None:
    """Add every column that a table lacks and that has a default in the database, or may be NULL.

    The earlier version goes on with such a database: it names the columns that it writes. A column
    of another kind is left out, and the first that needs it says so.

    Raises:
        StoreUnavailable: if Kefu may not change a table.
    """
    found = inspect(connection)
    for table in METADATA.sorted_tables:
        known = {column["name"] for column in found.get_columns(table.name)}
        for column in table.columns:
            if column.name in known or not (column.nullable or column.server_default is not None):
                continue
            made = CreateColumn(column).compile(dialect=connection.dialect)
            try:
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {made}")
            except ProgrammingError as exc:
                raise StoreUnavailable(
                    f"desk {place}: the table {table.name} is an earlier version's and can't be "
                    f"changed ({exc.orig}); start Kefu once as the user who owns it"
                ) from exc
