"""Fixtures: a server with the demo creator, and a browser that must have nothing to complain of."""

import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.sync_api import BrowserContext, Page, Request, Response, expect

from api.app import create_app
from core.clock import utc_now
from core.settings import Settings
from domain.demo import seed_demo
from storage.database import Database
from storage.models import Role
from storage.users import set_role
from tests.conftest import PASSWORD, Postgres, new_client, new_email, serving
from tests.e2e.scripted_model import ScriptedModel, new_model, serving_openai

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE_MS = 30_000
DEVICE: dict[str, Any] = {
    "viewport": {"width": 1440, "height": 900},
    "reduced_motion": "reduce",
    "locale": "en-GB",
    "timezone_id": "Europe/Berlin",
}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": [
            "--no-sandbox",  # it refuses to have one as root
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
        ],
    }


@pytest.fixture(scope="session")
def base_url() -> None:
    """Replace the plugin's own, whose manner pytest deprecates; each browser is told the server."""


# --- the server ---


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """Lend an event loop in a thread of its own: the browser's calls block this one."""
    with start_blocking_portal() as portal:
        yield portal


Call = Callable[..., Any]


@pytest.fixture(scope="session")
def call(portal: BlockingPortal) -> Call:
    """Return a function that waits for what a coroutine function answers."""

    def call(function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        return portal.call(partial(function, *args, **kwargs))

    return call


@pytest.fixture(scope="session")
def demo_template(postgres: Postgres, call: Call) -> Iterator[str]:
    """Lend the name of a database to copy, in which there is the demo creator."""

    async def seed(url: str) -> None:
        database = Database(url)
        await seed_demo(database, utc_now)
        await database.close()

    with postgres.temporary_database() as name:
        call(seed, postgres.app_url(name))
        yield name


@pytest.fixture
def database_name(postgres: Postgres, demo_template: str) -> Iterator[str]:
    """Return a database of the test's own, with the demo creator."""
    with postgres.temporary_database(demo_template) as name:
        yield name


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return a laptop's settings: with the demo, and jobs in the server."""
    return settings.model_copy(update={"database_url": None, "run_jobs": True})


@pytest.fixture
def url(settings: Settings, database_url: str, portal: BlockingPortal) -> Iterator[str]:
    """Serve the suite; return where."""
    app = create_app(settings, database_url)
    with portal.wrap_async_context_manager(serving(app)) as url:
        yield url


@pytest.fixture(scope="session")
def openai_server() -> Iterator[str]:
    with serving_openai() as url:
        yield url


@pytest.fixture
def model(openai_server: str, portal: BlockingPortal) -> Iterator[ScriptedModel]:
    """Return a model that says what the test scripts; its calls go through `call`."""
    with portal.wrap_async_context_manager(new_client(openai_server)) as http:
        yield new_model(openai_server, http)


# --- the browser ---


@pytest.fixture(scope="session", autouse=True)
def patience() -> None:
    """Wait longer for what is expected than on a machine that does nothing else."""
    expect.set_options(timeout=PATIENCE_MS)


class Complaints(list[str]):
    """What is wrong with pages: errors in the console, requests that failed or went elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.allowed: list[str] = []

    def allow(self, *parts: str) -> None:
        """Expect complaints that contain one of these."""
        self.allowed += parts

    def watch(self, context: BrowserContext) -> None:
        """Listen to all pages of a browser."""
        context.on("console", lambda message: self._note_console(message.type, message.text))
        context.on("weberror", lambda error: self.append(str(error.error)))
        context.on("request", self._note_outsider)
        context.on("requestfailed", self._note_failure)
        context.on("response", self._note_status)

    @property
    def unexpected(self) -> list[str]:
        return [each for each in self if not any(part in each for part in self.allowed)]

    def _note_console(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.append(f"console: {text}")

    def _note_outsider(self, request: Request) -> None:
        if urlsplit(request.url).hostname not in {"127.0.0.1", None}:  # blob: and data: have none
            self.append(f"{request.url} is not the suite's")

    def _note_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page went away, or closed the stream
            self.append(f"{request.method} {request.url}: {request.failure}")

    def _note_status(self, response: Response) -> None:
        if response.status >= 400:
            self.append(f"{response.request.method} {response.url}: {response.status}")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Fail the test if a browser has complained of what the test did not expect."""
    complaints = Complaints()
    yield complaints
    assert complaints.unexpected == []


NewBrowser = Callable[..., Page]


@pytest.fixture
def new_page(
    new_context: Any, complaints: Complaints, url: str, call: Call, database_url: str
) -> Iterator[NewBrowser]:
    """Return a function that opens a browser of its own; its pages begin at the server's root.

    It is signed in as the demo creator, as a `new` one, as a new `admin`, or as nobody.
    """

    async def promote(user_id: UUID) -> None:
        database = Database(database_url)
        async with database.service_session() as session:
            await set_role(session, user_id, Role.ADMIN)
        await database.close()

    with ExitStack() as stack:

        def open_page(user: str | None = "demo", **options: Any) -> Page:
            context: BrowserContext = new_context(**DEVICE | {"base_url": url} | options)
            context.set_default_timeout(PATIENCE_MS)
            complaints.watch(context)
            match user:
                case "demo":
                    assert context.request.post("/api/auth/demo").ok
                case "new" | "admin":
                    body = {"email": new_email(), "password": PASSWORD}
                    answer = context.request.post("/api/auth/register", data=body)
                    assert answer.ok
                    if user == "admin":
                        call(promote, UUID(answer.json()["user"]["id"]))
            page = context.new_page()
            stack.callback(page.close)
            return page

        yield open_page


@pytest.fixture
def page(new_page: NewBrowser) -> Page:
    """Return a page whose browser is signed in as the demo creator."""
    return new_page()
