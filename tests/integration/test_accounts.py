"""Registering, signing in and out, profiles, and who may use a session."""

import datetime as dt
import hashlib
import secrets
import time

import anyio
import httpx
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, update

from api.app import create_app
from core.clock import utc_now
from core.settings import Settings
from storage.database import Database
from storage.models import Password, User, UserSession
from tests.conftest import PASSWORD, Creator, SignUp, new_client, new_email, serving


async def register(
    client: httpx.AsyncClient, email: str, password: str = PASSWORD, **fields: object
) -> httpx.Response:
    body = {"email": email, "password": password, **fields}
    return await client.post("/api/auth/register", json=body)


async def log_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/auth/login", json={"email": email, "password": password})


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


@pytest.fixture
async def browser(api: httpx.AsyncClient) -> httpx.AsyncClient:
    """Return a client that is signed in by cookie only."""
    assert (await register(api, new_email())).status_code == 201
    return api


# --- registering ---


async def test_registering_signs_in_by_token_and_by_cookie(api: httpx.AsyncClient) -> None:
    email = new_email()
    response = await register(api, email, timezone="Europe/Lisbon", locale="pt")
    answer = response.json()
    assert response.status_code == 201
    assert answer["user"]["email"] == email
    assert answer["user"]["role"] == "user"
    assert (answer["user"]["timezone"], answer["user"]["locale"]) == ("Europe/Lisbon", "pt")
    by_cookie = await api.get("/api/me")
    api.cookies.clear()
    by_token = await api.get("/api/me", headers={"Authorization": f"Bearer {answer['token']}"})
    assert by_cookie.json() == by_token.json() == answer["user"]


async def test_the_cookie_is_closed_to_scripts_and_other_sites(api: httpx.AsyncClient) -> None:
    response = await register(api, new_email())
    cookie, *attributes = response.headers["Set-Cookie"].split("; ")
    assert cookie == f"ds_session={response.json()['token']}"
    assert set(attributes) == {"HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=lax"}


async def test_the_cookie_is_for_https_only_where_others_can_reach_the_server(
    settings: Settings, database_url: str
) -> None:
    public = settings.model_copy(update={"host": "0.0.0.0"})  # noqa: S104  # not listened on
    async with serving(create_app(public, database_url)) as url, new_client(url) as client:
        response = await register(client, new_email())
    assert "Secure" in response.headers["Set-Cookie"].split("; ")


async def test_only_hashes_of_password_and_token_are_stored(
    api: httpx.AsyncClient, database: Database
) -> None:
    email = new_email()
    token = (await register(api, email)).json()["token"]
    async with database.service_session() as session:
        user = (await session.scalars(select(User).where(User.email == email))).one()
        stored = (await session.scalars(select(Password).where(Password.user_id == user.id))).one()
        sign_in = (
            await session.scalars(select(UserSession).where(UserSession.user_id == user.id))
        ).one()
    assert stored.hash.startswith("$argon2id$")
    assert sign_in.token_hash == hashlib.sha256(token.encode()).digest()


async def test_an_e_mail_is_taken_however_it_is_written(api: httpx.AsyncClient) -> None:
    email = new_email()
    await register(api, email)
    assert code(await register(api, f" {email.upper()} ")) == (409, "email_taken")


async def test_of_simultaneous_registrations_one_wins(api: httpx.AsyncClient) -> None:
    email, statuses = new_email(), []

    async def attempt() -> None:
        statuses.append((await register(api, email)).status_code)

    async with anyio.create_task_group() as attempts:
        for _ in range(5):
            attempts.start_soon(attempt)
    assert sorted(statuses) == [201, 409, 409, 409, 409]


@pytest.mark.parametrize(("length", "status"), [(7, 422), (8, 201), (128, 201), (129, 422)])
async def test_a_password_has_8_to_128_characters(
    api: httpx.AsyncClient, length: int, status: int
) -> None:
    assert (await register(api, new_email(), "ü" * length)).status_code == status


@pytest.mark.parametrize("email", ["mara", "mara@", "mara@example.com\n@example.org", ""])
async def test_what_is_no_e_mail_is_refused(api: httpx.AsyncClient, email: str) -> None:
    assert code(await register(api, email)) == (422, "validation_failed")


async def test_an_account_needs_a_real_time_zone(api: httpx.AsyncClient) -> None:
    response = await register(api, new_email(), timezone="Atlantis/Capital")
    assert code(response) == (400, "invalid_timezone")


# --- signing in and out ---


async def test_the_e_mail_is_recognised_however_it_is_written(api: httpx.AsyncClient) -> None:
    email = new_email()
    await register(api, email)
    assert (await log_in(api, f" {email.upper()} ")).status_code == 200


async def test_a_wrong_password_and_an_unknown_e_mail_get_the_same_answer(
    api: httpx.AsyncClient,
) -> None:
    email = new_email()
    await register(api, email)
    wrong = await log_in(api, email, "not the password")
    unknown = await log_in(api, new_email(), "not the password")
    assert code(wrong) == (401, "wrong_credentials")
    assert wrong.content == unknown.content
    assert "Set-Cookie" not in wrong.headers


async def test_an_unknown_e_mail_costs_as_much_time_as_a_wrong_password(
    api: httpx.AsyncClient,
) -> None:
    async def seconds(email: str) -> float:
        start = time.perf_counter()
        await log_in(api, email, "not the password")
        return time.perf_counter() - start

    email = new_email()
    await register(api, email)
    pairs = [(await seconds(email), await seconds(new_email())) for _ in range(7)]
    # Without a hash the second takes a fifth of the first; the fastest are the least disturbed.
    known, unknown = (min(times) for times in zip(*pairs, strict=True))
    assert unknown > known / 2


async def test_signing_in_stores_a_hash_of_outdated_cost_anew(
    api: httpx.AsyncClient, database: Database
) -> None:
    email = new_email()
    user_id = (await register(api, email)).json()["user"]["id"]
    outdated = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    of_user = Password.user_id == user_id
    async with database.service_session() as session:
        await session.execute(update(Password).where(of_user).values(hash=outdated))
    first = await log_in(api, email)
    async with database.service_session() as session:
        stored = await session.scalar(select(Password.hash).where(of_user))
    assert first.status_code == 200
    assert stored is not None
    assert "$m=19456,t=2,p=1$" in stored
    assert (await log_in(api, email)).status_code == 200


async def test_logging_out_ends_this_session_and_no_other(api: httpx.AsyncClient) -> None:
    email = new_email()
    first = (await register(api, email)).json()["token"]
    second = (await log_in(api, email)).json()["token"]
    api.cookies.clear()
    phone = {"Authorization": f"Bearer {first}"}
    laptop = {"Authorization": f"Bearer {second}"}
    assert (await api.post("/api/auth/logout", headers=phone)).status_code == 204
    assert code(await api.get("/api/me", headers=phone)) == (401, "unauthenticated")
    assert (await api.get("/api/me", headers=laptop)).status_code == 200


async def test_logging_out_deletes_the_cookie(browser: httpx.AsyncClient) -> None:
    response = await browser.post("/api/auth/logout")
    assert response.status_code == 204
    assert "ds_session" not in browser.cookies


async def test_a_session_ends_when_it_expires(settings: Settings, database_url: str) -> None:
    now = utc_now()
    app = create_app(settings, database_url, clock=lambda: now)
    async with serving(app) as url, new_client(url) as client:
        await register(client, new_email())
        end = now + dt.timedelta(days=settings.session_days)
        now = end - dt.timedelta(seconds=1)
        assert (await client.get("/api/me")).status_code == 200
        now = end
        assert code(await client.get("/api/me")) == (401, "unauthenticated")


@pytest.mark.parametrize("authorization", ["Bearer no-such-token", "Bearer", "Basic bWFyYQ==", ""])
async def test_without_a_valid_token_nobody_is_signed_in(
    api: httpx.AsyncClient, authorization: str
) -> None:
    response = await api.get("/api/me", headers={"Authorization": authorization})
    assert code(response) == (401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_bearer_token_wins_over_the_cookie(
    browser: httpx.AsyncClient, sign_up: SignUp
) -> None:
    other = await sign_up()
    as_other = {"Authorization": f"Bearer {other.token}"}
    assert (await browser.get("/api/me", headers=as_other)).json()["email"] == other.email
    wrong = {"Authorization": "Bearer no-such-token"}
    assert (await browser.get("/api/me", headers=wrong)).status_code == 401


# --- the profile ---


async def test_time_zone_and_locale_can_be_changed_one_at_a_time(sign_up: SignUp) -> None:
    creator = await sign_up()
    await creator.patch("/api/me", json={"timezone": "America/Sao_Paulo"})
    changed = await creator.patch("/api/me", json={"locale": "pt-BR"})
    assert changed.status_code == 200
    assert changed.json()["timezone"] == "America/Sao_Paulo"
    assert changed.json()["locale"] == "pt-BR"
    assert (await creator.get("/api/me")).json() == changed.json()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"timezone": "Mars/Olympus"}, "invalid_timezone"),
        ({"timezone": "America"}, "invalid_timezone"),
        ({"timezone": "../../etc/localtime"}, "invalid_timezone"),
        ({"timezone": ""}, "invalid_timezone"),
        ({"locale": "portuguese"}, "invalid_locale"),
        ({"locale": "pt_BR"}, "invalid_locale"),
        ({"locale": "pt\n"}, "invalid_locale"),
    ],
)
async def test_a_profile_takes_real_values_only(
    sign_up: SignUp, change: dict[str, str], error: str
) -> None:
    creator = await sign_up()
    before = (await creator.get("/api/me")).json()
    refused = await creator.patch("/api/me", json=change)
    assert code(refused) == (400, error)
    assert refused.json()["field"] in change
    assert (await creator.get("/api/me")).json() == before


async def test_nothing_else_about_a_user_can_be_changed(sign_up: SignUp) -> None:
    creator, other = await sign_up(), await sign_up()
    before = (await creator.get("/api/me")).json(), (await other.get("/api/me")).json()
    forged = {"id": str(other.user_id), "user_id": str(other.user_id)}
    body = forged | {"role": "admin", "email": other.email, "locale": "en"}
    assert (await creator.patch("/api/me", json=body)).status_code == 200
    assert ((await creator.get("/api/me")).json(), (await other.get("/api/me")).json()) == before


# --- other sites' pages ---

OTHER_SITES = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
]


@pytest.mark.parametrize("headers", OTHER_SITES)
async def test_another_sites_page_cannot_write_with_the_cookie(
    browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await browser.patch("/api/me", json={"locale": "fr"}, headers=headers)
    assert code(response) == (403, "cross_origin")
    assert (await browser.get("/api/me", headers=headers)).json()["locale"] == "en"


@pytest.mark.parametrize("headers", OTHER_SITES)
@pytest.mark.parametrize("action", ["login", "register", "logout"])
async def test_another_sites_page_cannot_sign_in_or_out(
    sign_up: SignUp, action: str, headers: dict[str, str]
) -> None:
    creator = await sign_up()
    body = {"email": creator.email, "password": PASSWORD}
    response = await creator.post(f"/api/auth/{action}", json=body, headers=headers)
    assert code(response) == (403, "cross_origin")
    assert "Set-Cookie" not in response.headers
    assert (await creator.get("/api/me")).status_code == 200


async def test_our_own_pages_and_other_programs_write_with_the_cookie(
    browser: httpx.AsyncClient,
) -> None:
    own = str(browser.base_url).rstrip("/")
    for headers in (
        {},
        {"Origin": own},
        {"Sec-Fetch-Site": "same-origin", "Origin": own},
        {"Sec-Fetch-Site": "none"},
    ):
        response = await browser.patch("/api/me", json={"locale": "fr"}, headers=headers)
        assert response.status_code == 200, headers


async def test_a_token_works_from_everywhere_since_no_browser_sends_it_by_itself(
    sign_up: SignUp,
) -> None:
    creator: Creator = await sign_up()
    headers = {"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}
    response = await creator.patch("/api/me", json={"locale": "fr"}, headers=headers)
    assert response.status_code == 200


@pytest.mark.parametrize(
    "email",
    ["mara{}@\uff45xample.com", "re\u0301my{}@example.com", "Mara{}@B\u00fccher.example.com"],
)
async def test_an_email_signs_in_as_it_was_typed_at_registration(
    api: httpx.AsyncClient, email: str
) -> None:
    body = {"email": email.format(secrets.token_hex(4)), "password": PASSWORD}
    registered = await api.post("/api/auth/register", json=body)
    assert registered.status_code == 201, registered.text
    signed_in = await api.post("/api/auth/login", json=body)
    assert signed_in.json()["user"]["id"] == registered.json()["user"]["id"]


async def test_an_email_with_a_name_is_refused(api: httpx.AsyncClient) -> None:
    body = {"email": f"Mara <{new_email()}>", "password": PASSWORD}
    assert (await api.post("/api/auth/register", json=body)).status_code == 422


@pytest.mark.parametrize("name", ["localtime", "Factory", "posixrules"])
async def test_a_zone_that_is_nobody_s_is_refused(sign_up: SignUp, name: str) -> None:
    creator = await sign_up()
    response = await creator.patch("/api/me", json={"timezone": name})
    assert response.json()["code"] == "invalid_timezone"
