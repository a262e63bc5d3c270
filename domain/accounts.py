"""Accounts: registering, signing in and out, and whose request it is.

Hashing a password takes tens of milliseconds, so `register` and `authenticate` take the
database instead of a session: their transactions are short and do not wait for it.
"""

import asyncio
import datetime as dt
import hashlib
import re
import secrets
import zoneinfo
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ConflictError, ForbiddenError, InvalidError, UnauthenticatedError
from domain.mail import queue_mail
from domain.preferences import ChannelChange, Preferences, change_preferences, read_preferences
from storage import api_keys, sessions, users
from storage.database import Database
from storage.models import MailKind, NotificationType, User

PASSWORD_MIN_LENGTH = 8
PASSWORD_MAX_LENGTH = 128

# A session's token may begin with these three characters too, but is three shorter.
API_KEY = re.compile(r"ds_[\w-]{43}", re.ASCII)

# OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB of memory, two iterations, one lane.
_HASHER = PasswordHash((Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1),))

# Names of the time zone database that are nobody's zone, or another one on each machine.
_NO_PLACES = {"localtime", "Factory", "posixrules"}

# Language, then up to three of script, region and variant (BCP 47, without extensions).
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


BrandText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class EmailTakenError(ConflictError):
    """There is already an account with this e-mail."""

    code = "email_taken"


class WrongCredentialsError(UnauthenticatedError):
    """The e-mail or the password is wrong."""

    code = "wrong_credentials"


class WrongPasswordError(ForbiddenError):
    """The password is wrong."""

    code = "wrong_password"


class InvalidTimeZoneError(InvalidError):
    """The time zone must be an IANA name, such as Europe/Lisbon."""

    code = "invalid_timezone"


class InvalidLocaleError(InvalidError):
    """The locale must be a BCP 47 language tag, such as pt or pt-BR."""

    code = "invalid_locale"


class Brand(BaseModel):
    """What a creator stands for, in their own words; what is null is unknown."""

    model_config = ConfigDict(extra="forbid")

    niche: BrandText | None = Field(None, examples=["quiet indie folk"])
    voice: BrandText | None = Field(None, examples=["warm, plain, first person"])
    audience: BrandText | None = Field(None, examples=["listeners from 20 to 35 in Europe"])


@dataclass(frozen=True, kw_only=True)
class CurrentUser:
    """Whose request it is, as their session or API key says; nothing a client sends can change it.

    `session_id` is null for an API key.
    """

    id: UUID
    email: str
    role: str
    timezone: str
    locale: str
    brand: dict[str, Any] | None
    notifications: Preferences
    is_email_verified: bool
    session_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A user who has just signed in; only the client keeps the token."""

    user: CurrentUser
    token: str


async def register(
    database: Database,
    *,
    email: str,
    password: str,
    timezone: str,
    locale: str,
    expires_at: dt.datetime,
) -> SignIn:
    """Create an account and sign in to it until `expires_at`; a mail asks if the address is right.

    Raises EmailTakenError, InvalidTimeZoneError, InvalidLocaleError.
    """
    _check_profile(timezone, locale)
    password_hash = await hash_password(password)
    async with database.service_session() as session:
        user = await create_account(
            session, email=email, password_hash=password_hash, timezone=timezone, locale=locale
        )
        await queue_mail(session, user.id, MailKind.VERIFY_EMAIL, cause="registration")
        return await _sign_in(session, user, expires_at)


async def create_account(
    session: AsyncSession, *, email: str, password_hash: str, timezone: str, locale: str
) -> User:
    """Create an account in a service session; raises EmailTakenError."""
    user = await users.create_user(
        session,
        email=normalize_email(email),
        password_hash=password_hash,
        timezone=timezone,
        locale=locale,
    )
    if user is None:
        raise EmailTakenError
    return user


async def authenticate(
    database: Database, *, email: str, password: str, expires_at: dt.datetime
) -> SignIn:
    """Sign in until `expires_at`; raises WrongCredentialsError."""
    async with database.service_session() as session:
        found = await users.find_credentials(session, normalize_email(email))
    if found is None:
        # Costs what verifying costs, so that time does not tell which e-mails have accounts.
        await hash_password(password)
        raise WrongCredentialsError
    is_right, new_hash = await asyncio.to_thread(
        _HASHER.verify_and_update, password, found.password_hash
    )
    if not is_right:
        raise WrongCredentialsError
    async with database.service_session() as session:
        if new_hash:
            await users.replace_password_hash(
                session, found.user.id, old=found.password_hash, new=new_hash
            )
        return await _sign_in(session, found.user, expires_at)


async def check_password(database: Database, user_id: UUID, password: str) -> None:
    """Raise WrongPasswordError unless this is the user's password."""
    async with database.service_session() as session:
        found = await users.find_password_hash(session, user_id)
    if not found or not await asyncio.to_thread(_HASHER.verify, password, found):
        raise WrongPasswordError


async def find_current_user(
    session: AsyncSession, token: str, *, now: dt.datetime
) -> CurrentUser | None:
    """Return whose token or API key this is, in a service session; None for an invalid one."""
    token_hash = hash_token(token)
    if API_KEY.fullmatch(token):
        user = await api_keys.use_api_key(session, token_hash, now=now)
        return _current_user(user, None) if user else None
    found = await sessions.find_session(session, token_hash, now=now)
    return _current_user(*found) if found else None


async def sign_out(session: AsyncSession, user: CurrentUser) -> None:
    """End the sign-in of this request, in a service session; the user's others go on."""
    if user.session_id:
        await sessions.delete_session(session, user.session_id)


async def update_profile(
    session: AsyncSession,
    user: CurrentUser,
    *,
    timezone: str | None = None,
    locale: str | None = None,
    brand: Brand | None = None,
    notifications: Mapping[NotificationType, ChannelChange] | None = None,
) -> CurrentUser:
    """Change what is given.

    Raises InvalidTimeZoneError, InvalidLocaleError, NeverMailedError.
    """
    changed = replace(
        user,
        timezone=user.timezone if timezone is None else timezone,
        locale=user.locale if locale is None else locale,
        brand=user.brand if brand is None else brand.model_dump(exclude_none=True),
    )
    _check_profile(changed.timezone, changed.locale)
    if notifications:
        stored = await users.lock_preferences(session, user.id)
        stored = change_preferences(stored, notifications)
        await users.write_preferences(session, user.id, stored)
        changed = replace(changed, notifications=read_preferences(stored))
    await users.update_profile(
        session,
        user.id,
        timezone=changed.timezone,
        locale=changed.locale,
        brand=changed.brand,
    )
    return changed


async def hash_password(password: str) -> str:
    """Return the argon2 hash, computed in a thread."""
    return await asyncio.to_thread(_HASHER.hash, password)


def normalize_email(email: str) -> str:
    """Return the form in which e-mails are stored and compared: however it is typed, one form.

    What is no public address (demo@dreamsuite.local) is only trimmed and lower-cased.
    """
    text = email.strip()
    with suppress(EmailNotValidError):
        text = validate_email(text, check_deliverability=False).normalized
    return text.lower()


async def _sign_in(session: AsyncSession, user: User, expires_at: dt.datetime) -> SignIn:
    token = secrets.token_urlsafe(32)
    created = await sessions.create_session(
        session, user.id, token_hash=hash_token(token), expires_at=expires_at
    )
    return SignIn(user=_current_user(user, created.id), token=token)


def hash_token(token: str) -> bytes:
    """Return what is stored of a token or API key."""
    # A token has 256 random bits: unlike a password it needs no slow hash.
    return hashlib.sha256(token.encode()).digest()


def _current_user(user: User, session_id: UUID | None) -> CurrentUser:
    return CurrentUser(
        id=user.id,
        email=user.email,
        role=user.role,
        timezone=user.timezone,
        locale=user.locale,
        brand=user.brand,
        notifications=read_preferences(user.notification_preferences),
        is_email_verified=user.email_verified_at is not None,
        session_id=session_id,
    )


def _check_profile(timezone: str, locale: str) -> None:
    if timezone not in _time_zones():
        raise InvalidTimeZoneError(field="timezone")
    if not _LOCALE.fullmatch(locale):
        raise InvalidLocaleError(field="locale")


@cache
def _time_zones() -> frozenset[str]:
    # ZoneInfo(name) alone also takes folders and files that are no zones.
    return frozenset(zoneinfo.available_timezones() - _NO_PLACES)
