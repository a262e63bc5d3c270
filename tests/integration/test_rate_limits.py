"""How often one may ask: by user and class, by address, on one server or on several."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from pydantic import SecretStr, ValidationError
from redis.asyncio import Redis

from api.app import create_app
from api.deps import SESSION_COOKIE
from api.rate_limits import network_of
from core.settings import RATE_LIMITS, Settings
from tests.conftest import SealedSettings, new_client, new_email, serving
from tests.integration.test_accounts import code, log_in, register

ADDRESSES = "address=1000"


@pytest.fixture(autouse=True)
def _within_one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock of the windows stand still."""
    now = time.time() // 60 * 60 + 20
    monkeypatch.setattr(time, "time", lambda: now)


@asynccontextmanager
async def limited(
    settings: Settings, database_url: str, limits: str, redis: str | None = None, **fields: object
) -> AsyncIterator[str]:
    """Serve with these limits; yield the URL."""
    url = SecretStr(redis) if redis else None
    strict = settings.model_copy(update={"rate_limits": limits, "rate_limit_url": url, **fields})
    async with serving(create_app(strict, database_url)) as address:
        yield address


@asynccontextmanager
async def signed_up(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with new_client(url) as client:
        assert (await register(client, new_email())).status_code == 201
        yield client


async def statuses(client: httpx.AsyncClient, count: int, path: str = "/api/me") -> list[int]:
    return [(await client.get(path)).status_code for _ in range(count)]


async def test_a_user_has_so_many_requests_of_a_class(
    settings: Settings, database_url: str
) -> None:
    limits = f"reads=3,writes=2,{ADDRESSES}"
    async with limited(settings, database_url, limits) as url, signed_up(url) as one:
        assert await statuses(one, 4) == [200, 200, 200, 429]
        refused = await one.get("/api/me")
        assert code(refused) == (429, "rate_limited")
        problem = refused.json()
        assert (problem["limit_class"], problem["limit"]) == ("reads", 3)
        assert 0 < problem["retry_after"] <= 80
        assert refused.headers["Retry-After"] == str(problem["retry_after"])
        assert '"reads";r=0;t=' in refused.headers["RateLimit"]
        for _ in range(2):
            assert (await one.patch("/api/me", json={})).status_code == 200
        assert code(await one.patch("/api/me", json={})) == (429, "rate_limited")
        async with signed_up(url) as other:
            assert await statuses(other, 4) == [200, 200, 200, 429]


async def test_every_answer_tells_what_is_left(settings: Settings, database_url: str) -> None:
    async with limited(settings, database_url, "reads=5,address=9") as url, signed_up(url) as one:
        answer = await one.get("/api/me")
        missing = await one.get("/api/conversations/none")
    policy = '"address";q=9;w=60, "reads";q=5;w=60'
    assert answer.headers["RateLimit-Policy"] == missing.headers["RateLimit-Policy"] == policy
    assert '"address";r=7;t=' in answer.headers["RateLimit"]
    assert '"reads";r=4;t=' in answer.headers["RateLimit"]
    assert '"reads";r=3;t=' in missing.headers["RateLimit"]


async def test_questions_and_imports_are_classes_of_their_own(
    settings: Settings, database_url: str
) -> None:
    limits = f"questions=1,imports=1,{ADDRESSES}"
    async with limited(settings, database_url, limits) as url, signed_up(url) as one:
        body, headers = {"message": "Hi"}, {"Content-Type": "text/csv"}
        asked = await one.post("/api/chat", json=body)
        assert asked.status_code == 200
        assert '"questions";r=0;t=' in asked.headers["RateLimit"]
        refused = await one.post("/api/chat", json=body)
        assert code(refused) == (429, "rate_limited")
        codes = [
            (await one.post("/api/metrics/import", content="x", headers=headers)).json()["code"]
            for _ in range(2)
        ]
        assert codes == ["bad_file", "rate_limited"]
        assert (await one.get("/api/me")).status_code == 200


async def test_an_address_has_so_many_requests_signed_in_or_not(
    settings: Settings, database_url: str
) -> None:
    async with limited(settings, database_url, "address=5") as url, new_client(url) as client:
        assert await statuses(client, 6) == [401] * 5 + [429]
        refused = await log_in(client, new_email())
        assert code(refused) == (429, "rate_limited")
        assert refused.json()["limit_class"] == "address"
        assert await statuses(client, 3, "/healthz") == [200] * 3


async def test_on_a_laptop_nothing_is_limited(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/me")
    assert "RateLimit" not in answer.headers


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {}),
        ({"host": "0.0.0.0"}, RATE_LIMITS),  # noqa: S104  # not listened on
        ({"host": "0.0.0.0", "rate_limits": "off"}, {}),  # noqa: S104  # not listened on
        ({"rate_limits": "on"}, RATE_LIMITS),
        ({"rate_limits": "reads=7, questions=1"}, RATE_LIMITS | {"reads": 7, "questions": 1}),
    ],
)
def test_the_operator_decides_about_limits(
    fields: dict[str, str], expected: dict[str, int]
) -> None:
    assert SealedSettings(**fields).requests_per_minute == expected  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("limits", ["yes", "reads", "reads=0", "reads=-1", "all=3", "reads=1,,"])
def test_limits_that_make_no_sense_are_refused(limits: str) -> None:
    with pytest.raises(ValidationError, match="questions=60"):
        SealedSettings(rate_limits=limits)


@pytest.mark.parametrize(
    "url", ["localhost:6379", "http://x:1", "redis://", "redis://x", "redis://:word@x"]
)
def test_what_is_no_redis_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="redis://"):
        SealedSettings(rate_limit_url=SecretStr(url))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_address_stands_for_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


# --- several servers ---


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of something that acts like Redis, scripts included."""
    server = FakeServer()
    monkeypatch.setattr(Redis, "from_url", lambda *_, **__: FakeAsyncRedis(server=server))
    return "redis://redis.example:6379"


async def test_replicas_count_together_in_redis(
    settings: Settings, database_url: str, redis: str
) -> None:
    limits = f"reads=4,{ADDRESSES}"
    async with (
        limited(settings, database_url, limits, redis) as here,
        limited(settings, database_url, limits, redis) as there,
        signed_up(here) as one,
        new_client(there) as other,
    ):
        other.cookies.set(SESSION_COOKIE, one.cookies[SESSION_COOKIE])
        both = (one, other)
        found = [(await client.get("/api/me")).status_code for client in (*both, *both)]
        assert found == [200] * 4
        for client in both:
            assert code(await client.get("/api/me")) == (429, "rate_limited")


async def test_replicas_count_wrong_passwords_together(
    settings: Settings, database_url: str, redis: str
) -> None:
    async with (
        limited(settings, database_url, "off", redis, login_attempts=2) as here,
        limited(settings, database_url, "off", redis, login_attempts=2) as there,
        new_client(here) as one,
        new_client(there) as other,
    ):
        email = new_email()
        await register(one, email)
        for _ in range(3):  # right ones are given back
            assert (await log_in(other, email)).status_code == 200
        wrong = [
            (await log_in(client, email, "not the password")).status_code
            for client in (one, other, one)
        ]
        assert wrong == [401, 401, 429]
        assert code(await log_in(other, email)) == (429, "too_many_attempts")


async def test_without_redis_each_server_counts_for_itself(
    settings: Settings, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = "redis://127.0.0.1:1"
    limits = f"reads=2,{ADDRESSES}"
    async with limited(settings, database_url, limits, nobody) as url, signed_up(url) as one:
        assert await statuses(one, 3) == [200, 200, 429]
    assert caplog.text.count("Redis does not answer") == 1
