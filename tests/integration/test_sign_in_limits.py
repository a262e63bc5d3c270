"""How often one may try to sign in, and who counts as one behind a proxy."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx
import pytest

from api.app import create_app
from core.settings import Settings
from tests.conftest import Postgres, new_client, new_email, serving
from tests.e2e.test_server import end, read_greeting, started
from tests.integration.test_accounts import code, log_in, register

# --- limits ---


@pytest.fixture
async def strict(settings: Settings, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a server with one attempt per e-mail, and so ten per address."""
    app = create_app(settings.model_copy(update={"login_attempts": 1}), database_url)
    async with serving(app) as url, new_client(url) as client:
        yield client


async def test_guessing_one_account_is_stopped_and_others_can_still_sign_in(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    victim, other = new_email(), new_email()
    await register(api, victim)
    await register(api, other)
    for _ in range(settings.login_attempts):
        assert (await log_in(api, victim, "not the password")).status_code == 401
    refused = await log_in(api, f" {victim.upper()} ")
    assert code(refused) == (429, "too_many_attempts")
    assert 0 < refused.json()["retry_after"] <= 300
    assert refused.headers["Retry-After"] == str(refused.json()["retry_after"])
    assert (await log_in(api, other)).status_code == 200


async def test_guessing_many_accounts_from_one_address_is_stopped(
    strict: httpx.AsyncClient,
) -> None:
    statuses = [(await log_in(strict, new_email())).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


async def test_everybody_behind_one_address_can_sign_in(strict: httpx.AsyncClient) -> None:
    email = new_email()
    await register(strict, email)
    statuses = [(await log_in(strict, email)).status_code for _ in range(15)]
    assert statuses == [200] * 15


async def test_signing_in_does_not_buy_further_guesses(strict: httpx.AsyncClient) -> None:
    own = new_email()
    await register(strict, own)
    for _ in range(9):
        assert (await log_in(strict, new_email())).status_code == 401
        assert (await log_in(strict, own)).status_code == 200
    assert [(await log_in(strict, new_email())).status_code for _ in range(2)] == [401, 429]


async def test_guessing_at_once_gets_no_further_than_one_after_the_other(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    victim, statuses = new_email(), []
    await register(api, victim)

    async def guess() -> None:
        statuses.append((await log_in(api, victim, "not the password")).status_code)

    async with anyio.create_task_group() as guesses:
        for _ in range(3 * settings.login_attempts):
            guesses.start_soon(guess)
    assert statuses.count(401) == settings.login_attempts
    assert statuses.count(429) == 2 * settings.login_attempts
    assert (await log_in(api, victim)).status_code == 429


async def test_signing_in_at_once_leaves_nothing_counted(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    email, statuses = new_email(), []
    await register(api, email)

    async def attempt() -> None:
        statuses.append((await log_in(api, email)).status_code)

    for _ in range(2):
        async with anyio.create_task_group() as attempts:
            for _ in range(settings.login_attempts + 2):
                attempts.start_soon(attempt)
    assert set(statuses) <= {200, 429}
    for _ in range(settings.login_attempts):
        assert (await log_in(api, email, "not the password")).status_code == 401


async def test_knocking_at_a_locked_account_locks_nobody_else_out(
    strict: httpx.AsyncClient,
) -> None:
    locked = new_email()
    statuses = [(await log_in(strict, locked)).status_code for _ in range(12)]
    assert statuses == [401] + [429] * 11
    assert (await log_in(strict, new_email())).status_code == 401


async def test_registering_from_one_address_is_limited_and_does_not_stop_signing_in(
    strict: httpx.AsyncClient,
) -> None:
    emails = [new_email() for _ in range(11)]
    statuses = [(await register(strict, email)).status_code for email in emails]
    assert statuses == [201] * 10 + [429]
    assert (await log_in(strict, emails[0])).status_code == 200


# --- behind a proxy ---


@contextmanager
def served(postgres: Postgres, database_name: str, folder: Path, proxies: str) -> Iterator[str]:
    """Run `python -m api` with one sign-in attempt per e-mail; yield its URL."""
    environment = {
        "DATABASE_URL": postgres.app_url(database_name).replace("+psycopg", ""),
        "LOGIN_ATTEMPTS": "1",
        "TRUSTED_PROXIES": proxies,
    }
    with started(folder / "data", **environment) as process:
        address = re.search(r"http://127\.0\.0\.1:\d+", read_greeting(process))
        assert address, end(process)
        yield address[0]


def guess(url: str, email: str, **headers: str) -> int:
    body = {"email": email, "password": "not the password"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(
        f"{url}/api/auth/login", json=body, headers=named, trust_env=False
    ).status_code


def test_a_trusted_proxy_tells_whose_request_it_is_and_by_which_scheme(
    postgres: Postgres, database_name: str, tmp_path: Path
) -> None:
    with served(postgres, database_name, tmp_path, "10.0.0.0/8, 127.0.0.1") as url:
        email = new_email()
        assert guess(url, email, X_Forwarded_For="203.0.113.7") == 401
        assert guess(url, email, X_Forwarded_For="203.0.113.7") == 429
        assert guess(url, email, X_Forwarded_For="203.0.113.8") == 401
        # What the visitor sent itself comes first, and is not believed.
        assert guess(url, email, X_Forwarded_For="198.51.100.1, 203.0.113.7") == 429
        assert guess(url, email, X_Forwarded_For="203.0.113.7, 10.0.0.1") == 429
        own = url.replace("http://", "https://")
        assert guess(url, new_email(), X_Forwarded_Proto="https", Origin=own) == 401
        assert guess(url, new_email(), X_Forwarded_Proto="https", Origin=url) == 403


@pytest.mark.parametrize("proxies", ["", "10.0.0.0/8"], ids=["nobody", "somebody else"])
def test_without_a_trusted_proxy_a_forged_header_changes_nothing(
    postgres: Postgres, database_name: str, tmp_path: Path, proxies: str
) -> None:
    with served(postgres, database_name, tmp_path, proxies) as url:
        email = new_email()
        assert guess(url, email, X_Forwarded_For="203.0.113.7") == 401
        assert guess(url, email, X_Forwarded_For="203.0.113.8") == 429
        own = url.replace("http://", "https://")
        assert guess(url, new_email(), X_Forwarded_Proto="https", Origin=own) == 403
        assert guess(url, new_email(), X_Forwarded_Proto="https", Origin=url) == 401
