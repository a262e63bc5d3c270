"""The embedded server against real processes: each guard of the supervisor has a test here.

As root, most tests run twice: as root (the server runs as `dreamsuite`) and as an ordinary user.
"""

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage.embedded import EmbeddedServerError, running_server
from storage.embedded_cluster import (
    ROOT_FOLDER,
    cluster_folder,
    ensure_account,
    exclusive,
    open_lock,
)

REPOSITORY = Path(__file__).parents[2]
IS_ROOT = os.geteuid() == 0
PHASES_OF_A_START = [".initdb-*/PG_VERSION", "postgres.log", "postgres/postmaster.pid"]
needs_root = pytest.mark.skipif(not IS_ROOT, reason="needs root, to be more than one user")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A data folder and where its database is."""

    base: Path  # all that the test makes lies below
    data_dir: Path
    uid: int | None  # whose it is; None: the user we are
    folder: Path

    @property
    def pgdata(self) -> Path:
        return self.folder / "postgres"

    @property
    def pid_file(self) -> Path:
        return self.pgdata / "postmaster.pid"

    @property
    def server_uid(self) -> int:
        return self.folder.stat().st_uid

    def postmaster(self) -> int:
        return int(self.pid_file.read_text().splitlines()[0])

    def status(self) -> str:
        """Return what the server says of itself; empty once it is gone."""
        try:
            return self.pid_file.read_text().splitlines()[7].strip()
        except (FileNotFoundError, IndexError):
            return ""

    def log(self) -> str:
        return (self.folder / "postgres.log").read_text()

    def count_starts(self) -> int:
        return self.log().count("starting PostgreSQL")

    def server_processes(self) -> list[int]:
        """Return the server that was started on this cluster, and its children."""
        postmasters, parents = set(), {}
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                program, *arguments = (process / "cmdline").read_bytes().split(b"\0")
                parents[int(process.name)] = int(stat_fields(int(process.name))[1])
                if program.endswith(b"/postgres") and os.fsencode(self.pgdata) in arguments:
                    postmasters.add(int(process.name))
        return [pid for pid, parent in parents.items() if {pid, parent} & postmasters]

    def kill_server(self) -> list[int]:
        killed = self.server_processes()
        for pid in killed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return killed


class Holder:
    """Our side of an embedded_holder process."""

    def __init__(self, place: Place, *options: str, env: dict[str, str] | None = None) -> None:
        as_user = () if place.uid is None else ("--uid", str(place.uid))
        module = "tests.integration.embedded_holder"
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, str(place.data_dir), *as_user, *options],
            cwd=REPOSITORY,
            env=os.environ | (env or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def report(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the holder ended with {self.process.wait()} and no report"
        report: dict[str, Any] = json.loads(line)
        return report

    def url(self) -> str:
        report = self.report()
        assert "url" in report, report
        return str(report["url"])

    def visit(self) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.report()

    def close_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def leave(self) -> int:
        self.close_input()
        return self.process.wait(timeout=20)

    def end(self, signum: signal.Signals) -> int:
        self.process.send_signal(signum)
        return self.process.wait()

    def dispose(self) -> None:
        with self.process:  # closes the pipes
            with suppress(subprocess.TimeoutExpired):
                self.leave()
            self.process.kill()


MakePlace = Callable[..., Place]
Start = Callable[..., Holder]


@pytest.fixture(scope="session")
def copy_cluster() -> Iterator[Callable[[Place], None]]:
    """Fill a place with a fresh cluster: initdb in every test would take half a second each."""
    with tempfile.TemporaryDirectory() as folder:

        def copy(place: Place) -> None:
            template = Path(folder) / str(place.uid)
            if not template.exists():
                maker = Holder(place)
                maker.url()
                maker.dispose()
                subprocess.run(["cp", "-a", place.pgdata, template], check=True)
                return
            place.folder.mkdir(parents=True)
            if place.uid is not None:
                for path in place.base.rglob("*"):
                    os.chown(path, place.uid, place.uid)
            subprocess.run(["cp", "-a", template, place.pgdata], check=True)

        yield copy


@pytest.fixture
def make_place(copy_cluster: Callable[[Place], None]) -> Iterator[MakePlace]:
    places = []

    def make(name: str = "suite data", *, as_user: str = "us", blank: bool = False) -> Place:
        # Not tmp_path: pytest closes its parent to other users.
        base = Path(tempfile.mkdtemp(prefix="embedded-"))
        data_dir = base / name
        folder = cluster_folder(data_dir)
        uid = None
        if IS_ROOT and as_user == "ordinary":
            if not is_open_to_others(Path(sys.prefix)):
                pytest.skip("other users may not read this clone (`mktemp -d` makes such folders)")
            folder, uid = data_dir, pwd.getpwnam("nobody").pw_uid
            os.chown(base, uid, uid)
        place = Place(base=base, data_dir=data_dir, uid=uid, folder=folder)
        places.append(place)
        if not blank:
            copy_cluster(place)
        return place

    yield make
    for place in places:
        wait_until_dead(place.kill_server())
        for folder in (place.folder, place.base):
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["us", "ordinary"] if IS_ROOT else ["us"])
def place(request: pytest.FixtureRequest, make_place: MakePlace) -> Place:
    return make_place(as_user=request.param)


@pytest.fixture
def start(make_place: MakePlace) -> Iterator[Start]:
    holders = []

    def start_holder(place: Place, *options: str, env: dict[str, str] | None = None) -> Holder:
        holders.append(Holder(place, *options, env=env))
        return holders[-1]

    yield start_holder
    for holder in holders:
        holder.dispose()


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def answers(url: str) -> bool:
    with suppress(psycopg.OperationalError):
        return query(url, "SELECT 1") == [(1,)]
    return False


def slow_down_the_next_start(place: Place) -> None:
    with (place.pgdata / "postgresql.conf").open("a") as settings:  # a slow recovery
        settings.write("hot_standby = off\nrestore_command = 'sleep 0.2; false'\n")
    (place.pgdata / "recovery.signal").touch()


def wait_until(condition: Callable[[], object], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.001)


def stat_fields(pid: int) -> list[str]:
    """Return what /proc says of a process after its name: state, parent, …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def is_running(pid: int) -> bool:
    """A zombie does not run."""
    try:
        return stat_fields(pid)[0] != "Z"
    except OSError:
        return False


def waits_for_a_lock(pid: int) -> bool:
    lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return any(words[1] == "->" and words[5] == str(pid) for words in lines)


def wait_until_dead(pids: list[int]) -> None:
    wait_until(lambda: not any(map(is_running, pids)))


def is_open_to_others(folder: Path) -> bool:
    return all(each.stat().st_mode & stat.S_IXOTH for each in (folder, *folder.parents))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


# --- a normal life ---


def test_the_first_start_makes_a_utf8_utc_cluster_without_tcp(place: Place, start: Start) -> None:
    shutil.rmtree(place.folder)
    url = start(place).url()
    settings = dict(query(url, "SELECT name, setting FROM pg_settings"))
    assert settings["server_version"].startswith("18.")
    assert settings["server_encoding"] == "UTF8"
    assert settings["data_checksums"] == "on"
    assert settings["fsync"] == "on"
    assert settings["TimeZone"] == "UTC"
    assert settings["listen_addresses"] == ""
    assert settings["max_connections"] == "100"
    assert query(url, "SHOW shared_buffers") == [("64MB",)]
    assert query(url, "SELECT upper('é'), 'Z' < 'a' COLLATE \"default\"") == [("É", True)]


def test_rows_survive_a_restart(place: Place, start: Start) -> None:
    first = start(place)
    query(first.url(), "CREATE TABLE kept AS SELECT 42 AS answer")
    pid = place.postmaster()
    assert first.leave() == 0
    assert not is_running(pid)
    assert not place.pid_file.exists()
    assert query(start(place).url(), "SELECT answer FROM kept") == [(42,)]


def test_the_last_of_two_holders_stops_the_server(make_place: MakePlace, start: Start) -> None:
    place = make_place()
    first, second = start(place), start(place)
    assert first.url() == second.url()
    pid = place.postmaster()
    assert first.leave() == 0
    assert place.postmaster() == pid
    assert is_running(pid)
    assert second.leave() == 0
    assert not is_running(pid)


def test_one_process_may_hold_the_server_twice(make_place: MakePlace) -> None:
    place = make_place()
    with running_server(place.data_dir) as outer:
        with running_server(place.data_dir) as inner:
            assert inner == outer
        url = outer.url(user="postgres", database="postgres")
        assert query(url, "SELECT current_user") == [("postgres",)]
    assert place.server_processes() == []


def test_holders_that_start_at_once_share_one_server(make_place: MakePlace, start: Start) -> None:
    place = make_place(blank=True)
    holders = [start(place) for _ in range(4)]
    started = {query(h.url(), "SELECT pg_postmaster_start_time()")[0][0] for h in holders}
    assert len(started) == 1
    assert [holder.leave() for holder in holders] == [0] * 4
    assert place.server_processes() == []


def test_nobody_who_comes_while_another_leaves_meets_a_dead_server(
    make_place: MakePlace, start: Start
) -> None:
    place = make_place()
    visitor = start(place, "--mode=visit")
    assert visitor.visit() == {"visited": True}  # its imports are done
    for is_stopping in (False, True) * 3:
        holder = start(place)
        holder.url()
        holder.close_input()
        if is_stopping:
            wait_until(lambda: place.status() != "ready")
        assert visitor.visit() == {"visited": True}
        assert holder.leave() == 0


def test_a_leaving_holder_stops_nothing_during_the_start_of_another(
    make_place: MakePlace, start: Start
) -> None:
    place = make_place()
    holder = start(place)
    holder.url()
    with open_lock(place.folder / "postgres.lock") as lock, exclusive(lock):
        holder.close_input()
        wait_until(
            lambda: waits_for_a_lock(holder.process.pid) or holder.process.poll() is not None
        )
        assert is_running(place.postmaster())
    assert holder.leave() == 0
    assert place.server_processes() == []


def test_the_environment_of_the_process_does_not_reach_the_server(
    make_place: MakePlace, start: Start
) -> None:
    foreign = {"PGPORT": "1", "PGDATA": "/nonexistent", "LC_ALL": "xx_XX.UTF-8", "KEY": "secret"}
    place = make_place()
    url = start(place, env=foreign).url()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TEMP TABLE environment (line text)")
        connection.execute("COPY environment FROM PROGRAM 'env'")
        lines = {line for (line,) in connection.execute("SELECT line FROM environment")}
    assert "LC_CTYPE=C" in lines
    assert "KEY=secret" not in lines
    assert start(place, "--mode=visit", env=foreign).visit() == {"visited": True}


# --- crashes ---


def test_the_server_of_a_killed_holder_is_stopped_by_the_next(place: Place, start: Start) -> None:
    killed = start(place)
    url = killed.url()
    pid = place.postmaster()
    killed.end(signal.SIGKILL)
    assert is_running(pid)
    heir = start(place)
    assert heir.url() == url
    assert place.postmaster() == pid
    assert heir.leave() == 0
    assert not is_running(pid)


def test_acknowledged_commits_survive_the_death_of_the_whole_server(
    place: Place, start: Start
) -> None:
    first = start(place)
    url = first.url()
    query(url, "CREATE TABLE written (number integer)")
    acknowledged = 0
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for number in range(200):
            connection.execute("INSERT INTO written VALUES (%s)", [number])
            acknowledged += 1
        place.kill_server()
    second = start(place)  # while the first still holds the folder
    assert query(second.url(), "SELECT count(*) FROM written") == [(acknowledged,)]
    assert first.leave() == 0
    assert query(url, "SELECT 1") == [(1,)]
    assert second.leave() == 0
    assert place.server_processes() == []


def test_a_start_waits_for_a_query_that_outlives_its_killed_server(
    make_place: MakePlace, start: Start
) -> None:
    place = make_place()
    first = start(place)
    with closing(psycopg.connect(first.url().replace("+psycopg", ""))) as connection:
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 10000000)")
        os.kill(place.postmaster(), signal.SIGKILL)
        first.end(signal.SIGKILL)
        assert query(start(place).url(), "SELECT 1") == [(1,)]
    assert "pre-existing shared memory block" in place.log()


@pytest.fixture(params=["a stranger", "a zombie", "another server"])
def living_pid(
    request: pytest.FixtureRequest, make_place: MakePlace, start: Start
) -> Iterator[Callable[[int], int]]:
    """Return a pid that kill(pid, 0) finds alive, of a process of the given user."""
    processes = []

    def make(uid: int) -> int:
        if request.param == "another server":
            other = make_place(as_user="us" if uid == server_uid_of_us() else "ordinary")
            start(other).url()
            return other.postmaster()
        command = ["sleep", "300"] if request.param == "a stranger" else ["true"]
        processes.append(subprocess.Popen(command, user=uid))
        pid = processes[-1].pid
        if request.param == "a zombie":
            wait_until(lambda: not is_running(pid))
        return pid

    yield make
    for process in processes:
        process.kill()
        process.wait()


def server_uid_of_us() -> int:
    return pwd.getpwnam("dreamsuite").pw_uid if IS_ROOT else os.geteuid()


def test_a_stale_pid_that_lives_on_as_something_else_does_not_stop_the_start(
    place: Place, start: Start, living_pid: Callable[[int], int]
) -> None:
    crashed = start(place)
    query(crashed.url(), "CREATE TABLE kept AS SELECT 42 AS answer")
    crashed.end(signal.SIGKILL)
    wait_until_dead(place.kill_server())
    reused = living_pid(place.server_uid)
    was_running = is_running(reused)
    for leftover in (place.pid_file, place.pgdata / ".s.PGSQL.5432.lock"):
        _, *others = leftover.read_text().splitlines(keepends=True)
        leftover.write_text("".join([f"{reused}\n", *others]))

    holder = start(place)
    assert query(holder.url(), "SELECT answer FROM kept") == [(42,)]
    assert place.postmaster() != reused
    assert holder.leave() == 0
    assert is_running(reused) == was_running


def test_an_empty_pid_file_does_not_stop_the_start(make_place: MakePlace, start: Start) -> None:
    place = make_place()
    first = start(place)
    first.url()
    assert first.leave() == 0
    place.pid_file.touch()
    os.chown(place.pid_file, place.server_uid, -1)
    assert query(start(place).url(), "SELECT 1") == [(1,)]


def test_the_pid_file_of_a_live_server_stays_when_its_socket_is_lost(
    make_place: MakePlace, start: Start
) -> None:
    place = make_place()
    start(place).url()
    pid = place.postmaster()
    (place.pgdata / ".s.PGSQL.5432").unlink()
    error = start(place).report()["error"]
    assert f"kill {pid}" in error
    assert place.postmaster() == pid
    assert is_running(pid)


def test_a_copied_folder_gets_a_server_of_its_own(make_place: MakePlace, start: Start) -> None:
    original, copy = make_place(), make_place(blank=True)
    url = start(original).url()
    query(url, "CREATE TABLE kept AS SELECT 'original' AS name")
    query(url, "CHECKPOINT")
    copy.folder.mkdir()
    subprocess.run(["cp", "-a", original.pgdata, copy.folder], check=True)
    copied = start(copy).url()
    query(copied, "UPDATE kept SET name = 'copy'")
    assert query(url, "SELECT name FROM kept") == [("original",)]
    assert query(copied, "SELECT name FROM kept") == [("copy",)]


# --- a server that is killed while somebody holds it ---


@pytest.mark.parametrize("is_whole_tree", [False, True], ids=["postmaster", "whole tree"])
def test_a_server_that_is_killed_under_its_holder_is_started_again(
    place: Place, start: Start, is_whole_tree: bool
) -> None:
    holder = start(place)
    url = holder.url()
    query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    postmaster = place.postmaster()
    if is_whole_tree:
        place.kill_server()
    else:
        os.kill(postmaster, signal.SIGKILL)
    wait_until_dead([postmaster])
    wait_until(lambda: answers(url))
    assert query(url, "SELECT answer FROM kept") == [(42,)]
    assert holder.leave() == 0
    assert place.server_processes() == []


def test_two_holders_start_a_killed_server_once(make_place: MakePlace, start: Start) -> None:
    place = make_place()
    holders = [start(place), start(place)]
    url, _ = [holder.url() for holder in holders]
    started = place.count_starts()
    with open_lock(place.folder / "postgres.lock") as lock, exclusive(lock):
        wait_until_dead(place.kill_server())
        wait_until(lambda: all(waits_for_a_lock(holder.process.pid) for holder in holders))
    wait_until(lambda: answers(url))
    assert holders[0].leave() == 0
    assert query(url, "SELECT 1") == [(1,)]
    assert holders[1].leave() == 0
    assert place.count_starts() == started + 1
    assert place.server_processes() == []


def test_a_holder_that_leaves_right_after_the_kill_leaves_nothing_behind(
    place: Place, start: Start
) -> None:
    holder = start(place)
    holder.url()
    wait_until_dead(place.kill_server())
    assert holder.leave() == 0
    assert place.server_processes() == []


def test_a_holder_that_leaves_while_it_waits_to_start_leaves_nothing_behind(
    make_place: MakePlace, start: Start
) -> None:
    place = make_place()
    holder = start(place)
    holder.url()
    with open_lock(place.folder / "postgres.lock") as lock, exclusive(lock):
        wait_until_dead(place.kill_server())
        wait_until(lambda: waits_for_a_lock(holder.process.pid))
        holder.close_input()
    assert holder.leave() == 0
    assert place.server_processes() == []


def test_sigterm_in_the_middle_of_a_restart_leaves_no_server(place: Place, start: Start) -> None:
    holder = start(place)
    holder.url()
    slow_down_the_next_start(place)
    wait_until_dead(place.kill_server())
    wait_until(lambda: place.status() == "starting")
    assert holder.end(signal.SIGTERM) == 0
    assert place.server_processes() == []
    assert not place.pid_file.exists()


def test_a_restart_that_fails_is_tried_again(make_place: MakePlace, start: Start) -> None:
    place = make_place()
    holder = start(place)
    url = holder.url()
    settings = place.pgdata / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(f"{good}\nnonsense = 1\n")
    wait_until_dead(place.kill_server())
    wait_until(lambda: "unrecognized configuration parameter" in place.log())
    settings.write_text(good)
    wait_until(lambda: answers(url))
    assert holder.leave() == 0


def test_a_restart_never_makes_an_empty_database_of_a_lost_one(
    make_place: MakePlace, caplog: pytest.LogCaptureFixture
) -> None:
    place = make_place()
    with running_server(place.data_dir):
        wait_until_dead(place.kill_server())
        place.pgdata.rename(place.folder / "elsewhere")
        wait_until(lambda: "PostgreSQL does not start" in caplog.text)
        assert not place.pgdata.exists()


def test_whoever_starts_a_killed_server_again_puts_its_socket_in_the_same_place(
    make_place: MakePlace, start: Start
) -> None:
    place = make_place("d" * 60 + "/" + "e" * 60, as_user="ordinary")
    first = start(place)
    url = first.url()
    second = start(place, env={"TMPDIR": str(place.base)})
    assert second.url() == url
    first.end(signal.SIGKILL)
    wait_until_dead(place.kill_server())
    wait_until(lambda: answers(url))
    assert second.leave() == 0


# --- being told to stop ---


def test_sigterm_stops_the_server(place: Place, start: Start) -> None:
    holder = start(place)
    holder.url()
    assert holder.end(signal.SIGTERM) == 0
    assert place.server_processes() == []


def test_sigterm_stops_the_server_under_uvicorn(make_place: MakePlace, start: Start) -> None:
    place = make_place()
    holder = start(place, "--mode=serve")
    assert holder.report() == {"serving": True}
    assert len(place.server_processes()) > 1
    assert holder.end(signal.SIGTERM) == 0
    assert place.server_processes() == []


@pytest.mark.parametrize("phase", PHASES_OF_A_START)
def test_sigterm_in_the_middle_of_a_start_leaves_no_server(
    make_place: MakePlace, start: Start, phase: str
) -> None:
    place = make_place(blank=True)
    holder = start(place)
    wait_until(lambda: [*place.folder.glob(phase)])
    assert holder.end(signal.SIGTERM) == 0
    assert place.server_processes() == []
    assert not place.pid_file.exists()


@pytest.mark.parametrize("phase", PHASES_OF_A_START)
def test_a_start_killed_in_the_middle_is_taken_over(
    make_place: MakePlace, start: Start, phase: str
) -> None:
    place = make_place(blank=True)
    killed = start(place)
    wait_until(lambda: [*place.folder.glob(phase)])
    killed.end(signal.SIGKILL)
    heir = start(place)
    assert query(heir.url(), "SELECT 1") == [(1,)]
    assert heir.leave() == 0
    assert place.server_processes() == []
    assert [*place.folder.glob(".initdb-*")] == []


def test_a_server_that_a_killed_holder_left_starting_is_waited_for(
    make_place: MakePlace, start: Start
) -> None:
    place = make_place()
    slow_down_the_next_start(place)
    killed = start(place)
    wait_until(lambda: place.status() == "starting")
    killed.end(signal.SIGKILL)
    heir = start(place, "--mode=visit")
    assert heir.visit() == {"visited": True}


# --- who may reach it ---


def test_only_the_servers_own_user_and_root_reach_the_socket(place: Place, start: Start) -> None:
    folder = Path(start(place).report()["socket_dir"])
    assert mode_of(folder) == 0o700
    assert folder.stat().st_uid == place.server_uid
    assert mode_of(folder / ".s.PGSQL.5432") == 0o700


def test_a_long_path_gets_a_short_private_socket_folder(
    make_place: MakePlace, start: Start
) -> None:
    place = make_place("d" * 60 + "/" + "e" * 60, as_user="ordinary")
    holder = start(place)
    report = holder.report()
    folder = Path(report["socket_dir"])
    assert len(str(folder)) < 80
    assert (mode_of(folder), folder.stat().st_uid) == (0o700, place.server_uid)
    assert query(report["url"], "SELECT 1") == [(1,)]
    elsewhere = {"TMPDIR": str(place.base)}
    second = start(place, env=elsewhere)
    assert second.report() == report
    assert (holder.leave(), second.leave()) == (0, 0)
    assert not folder.exists()


@needs_root
def test_a_long_path_as_root_keeps_its_socket_under_the_root_owned_folder(
    make_place: MakePlace, start: Start
) -> None:
    folder = Path(start(make_place("d" * 60 + "/" + "e" * 60)).report()["socket_dir"])
    assert folder.is_relative_to(ROOT_FOLDER)
    assert mode_of(folder) == 0o700


@needs_root
def test_a_socket_folder_that_another_user_made_first_is_refused(
    make_place: MakePlace, start: Start
) -> None:
    place = make_place("d" * 120, as_user="ordinary")
    holder = start(place)
    folder = Path(holder.report()["socket_dir"])
    assert holder.leave() == 0
    assert not folder.exists()
    folder.mkdir()
    folder.chmod(0o777)
    try:
        assert f"{folder} was made by somebody else" in start(place).report()["error"]
    finally:
        folder.rmdir()


@needs_root
def test_root_lends_the_server_a_user_and_folders_and_opens_nothing_above(
    make_place: MakePlace, start: Start
) -> None:
    place = make_place(blank=True)
    above = [*place.data_dir.parents, *ROOT_FOLDER.parents, *Path(sys.prefix).parents]
    before = {path: mode_of(path) for path in above}
    start(place).url()
    assert {path: mode_of(path) for path in above} == before
    account = pwd.getpwnam("dreamsuite")
    assert Path(f"/proc/{place.postmaster()}").stat().st_uid == account.pw_uid
    assert (mode_of(place.folder), place.server_uid) == (0o700, account.pw_uid)
    assert [*place.data_dir.iterdir()] == []
    (binaries,) = ROOT_FOLDER.glob("postgresql-*")
    for path in (ROOT_FOLDER, binaries, *binaries.rglob("*")):
        assert path.stat().st_uid == 0
        assert mode_of(path) in ({0o755} if path.is_dir() else {0o755, 0o644})


@needs_root
def test_root_does_not_hide_the_database_of_an_ordinary_user(
    make_place: MakePlace, start: Start
) -> None:
    place = make_place(as_user="ordinary")
    holder = start(place)
    holder.url()
    assert holder.leave() == 0
    with (
        pytest.raises(EmbeddedServerError, match="Start as that user"),
        running_server(place.data_dir),
    ):
        pass


@needs_root
def test_a_missing_system_user_is_made_once() -> None:
    name = "dreamsuite-test"
    try:
        made = ensure_account(name)
        assert made.pw_uid not in (0, os.geteuid())
        assert made.pw_shell == "/usr/sbin/nologin"
        assert ensure_account(name) == made
    finally:
        subprocess.run(["userdel", name], check=True)


@needs_root
def test_without_useradd_the_error_says_what_to_do() -> None:
    with pytest.raises(EmbeddedServerError, match=r"useradd is missing.*DATABASE_URL"):
        ensure_account("dreamsuite-absent", search_path="")


# --- folders that cannot be used ---


def test_a_missing_folder_is_made_with_its_parents(make_place: MakePlace, start: Start) -> None:
    place = make_place("not/yet/there", as_user="ordinary", blank=True)
    assert query(start(place).url(), "SELECT 1") == [(1,)]


def test_any_ordinary_name_of_a_folder_works(make_place: MakePlace, start: Start) -> None:
    place = make_place("it's a naïve, 100% + & folder; (new)", as_user="ordinary")
    assert query(start(place).url(), "SELECT 1") == [(1,)]


@pytest.mark.parametrize("name", ["$HOME", "a`b`", 'a"b', "a\\b", "a\nb"])
def test_a_name_that_a_shell_would_change_is_refused(make_place: MakePlace, name: str) -> None:
    place = make_place(name, blank=True)
    with pytest.raises(EmbeddedServerError, match="DATA_DIR"), running_server(place.data_dir):
        pass


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_in_the_way_is_named_with_what_to_do(make_place: MakePlace, name: str) -> None:
    place = make_place(name, blank=True)
    (place.base / "file").touch()
    with pytest.raises(EmbeddedServerError) as caught, running_server(place.data_dir):
        pass
    for part in (str(place.data_dir), "a file is in the way", "DATA_DIR", "DATABASE_URL"):
        assert part in str(caught.value)


def test_a_read_only_folder_is_named_with_what_to_do(make_place: MakePlace, start: Start) -> None:
    place = make_place(as_user="ordinary", blank=True)
    place.data_dir.mkdir(mode=0o555)
    error = start(place).report()["error"]
    for part in (str(place.data_dir), "Permission denied", "DATA_DIR", "DATABASE_URL"):
        assert part in error


@needs_root
def test_a_user_id_without_a_name_is_told_so(make_place: MakePlace, start: Start) -> None:
    named = make_place(as_user="ordinary", blank=True)
    place = replace(named, uid=54321)
    os.chown(place.base, 54321, 54321)
    error = start(place).report()["error"]
    assert "54321" in error
    assert "DATABASE_URL" in error


def test_a_failed_start_shows_the_end_of_the_log_and_leaves_the_way_free(
    make_place: MakePlace, start: Start
) -> None:
    place = make_place()
    first = start(place)
    first.url()
    assert first.leave() == 0
    settings = place.pgdata / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(f"{good}\nnonsense = 1\n")
    error = start(place).report()["error"]
    assert 'unrecognized configuration parameter "nonsense"' in error
    assert str(place.folder / "postgres.log") in error
    settings.write_text(good)
    assert query(start(place).url(), "SELECT 1") == [(1,)]
