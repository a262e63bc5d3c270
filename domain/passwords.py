"""Passwords that are changed or forgotten, and addresses that are shown to be their users'.

Hashing takes tens of milliseconds, so the functions take the database instead of a session.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import utc_now
from core.errors import InvalidError
from domain.accounts import (
    CurrentUser,
    check_password,
    hash_password,
    hash_token,
    normalize_email,
)
from domain.mail import queue_mail
from storage import users
from storage.database import Database
from storage.mail_tokens import delete_tokens, find_token, use_token
from storage.models import MailKind, new_id

# Somebody who asks again and again fills nobody's inbox.
PAUSE = dt.timedelta(minutes=5)


class InvalidTokenError(InvalidError):
    """This link was used already, or is too old: ask for a new one."""

    code = "invalid_token"


async def queue_verification(session: AsyncSession, user_id: UUID) -> None:
    """Ask a user by mail whether the address is theirs, at most once in five minutes."""
    await _queue_once(session, user_id, MailKind.VERIFY_EMAIL)


async def verify_email(database: Database, token: str, *, now: dt.datetime) -> None:
    """Note that an address is its user's, as the token of a mail proves.

    Raises `InvalidTokenError`.
    """
    async with database.service_session() as session:
        user_id = await use_token(session, MailKind.VERIFY_EMAIL, hash_token(token), now=now)
        if user_id is None:
            raise InvalidTokenError
        await users.verify_email(session, user_id, now)


async def forget_password(database: Database, email: str) -> None:
    """Send a link that sets a new password, if there is such an account."""
    async with database.service_session() as session:
        user = await users.find_user(session, normalize_email(email))
        if user:
            await _queue_once(session, user.id, MailKind.RESET_PASSWORD)


async def check_reset_token(database: Database, token: str, *, now: dt.datetime) -> None:
    """Raise `InvalidTokenError` where the token of a mail sets no password (any more)."""
    async with database.service_session() as session:
        if not await find_token(session, MailKind.RESET_PASSWORD, hash_token(token), now=now):
            raise InvalidTokenError


async def reset_password(
    database: Database, token: str, password: str, *, now: dt.datetime
) -> None:
    """Set a new password by the token of a mail; it works once, and all sign-ins end.

    Raises `InvalidTokenError`.
    """
    await check_reset_token(database, token, now=now)  # only who has one may let us hash
    password_hash = await hash_password(password)
    async with database.service_session() as session:
        user_id = await use_token(session, MailKind.RESET_PASSWORD, hash_token(token), now=now)
        if user_id is None:
            raise InvalidTokenError
        await delete_tokens(session, user_id, MailKind.RESET_PASSWORD)
        await users.write_password_hash(session, user_id, password_hash)
        await users.end_sessions(session, user_id)
        await users.verify_email(session, user_id, now)  # the mail has come to them
        await _tell_change(session, user_id)


async def change_password(
    database: Database, user: CurrentUser, *, password: str, new_password: str
) -> None:
    """Set a new password; sign-ins other than this one end. Raises `WrongPasswordError`."""
    await check_password(database, user.id, password)
    password_hash = await hash_password(new_password)
    async with database.service_session() as session:
        await users.write_password_hash(session, user.id, password_hash)
        await users.end_sessions(session, user.id, but=user.session_id)
        await delete_tokens(session, user.id, MailKind.RESET_PASSWORD)
        await _tell_change(session, user.id)


async def _tell_change(session: AsyncSession, user_id: UUID) -> None:
    await queue_mail(
        session, user_id, MailKind.PASSWORD_CHANGED, cause=f"password changed {new_id()}"
    )


async def _queue_once(session: AsyncSession, user_id: UUID, kind: MailKind) -> None:
    bucket = int(utc_now().timestamp() // PAUSE.total_seconds())
    await queue_mail(session, user_id, kind, cause=f"{kind} {bucket}")
