"""A real PostgreSQL of the tests' own, on loopback, where its programs are installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.servers import free_port

NO_PROGRAMS = "no PostgreSQL: install it (Debian: apt-get install postgresql) and asyncpg"
_DEBIAN = Path("/usr/lib/postgresql")
_QUICK = "-c fsync=off -c full_page_writes=off -c listen_addresses=127.0.0.1"


def programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, None where there is none."""
    found = [Path(found).parent] if (found := shutil.which("pg_ctl")) else []
    debian = sorted(_DEBIAN.glob("*/bin"), key=lambda folder: float(folder.parent.name))
    return next((f for f in [*reversed(debian), *found] if (f / "initdb").exists()), None)


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server and yield its address as SQLAlchemy's URL, without a database's name."""
    folder = programs()
    assert folder is not None
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root

    def call(program: str, *arguments: str) -> None:
        command = [f"{folder}/{program}", "-D", f"{place}/data", *arguments]
        subprocess.run(command, user=user, cwd=place, check=True, stdout=subprocess.DEVNULL)

    with tempfile.TemporaryDirectory() as place:
        if user is not None:
            shutil.chown(place, user)
        port = free_port()
        call("initdb", "-U", "kefu", "-A", "trust", "-N", "-E", "UTF8")
        options = f"-p {port} -k {place} {_QUICK}"
        call("pg_ctl", "-w", "-l", f"{place}/log", "-o", options, "start")
        try:
            yield f"postgresql+asyncpg://kefu@127.0.0.1:{port}"
        finally:
            call("pg_ctl", "-w", "-m", "immediate", "stop")
