"""Queries over the tokens that links in mails carry; they need a service session."""

import datetime as dt
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import MailKind, MailToken


async def create_token(
    session: AsyncSession,
    user_id: UUID,
    kind: MailKind,
    *,
    token_hash: bytes,
    expires_at: dt.datetime,
) -> None:
    session.add(MailToken(token_hash=token_hash, user_id=user_id, kind=kind, expires_at=expires_at))
    await session.flush()


async def find_token(
    session: AsyncSession, kind: MailKind, token_hash: bytes, *, now: dt.datetime
) -> UUID | None:
    """Return whose token this is; it stays valid."""
    return await session.scalar(
        select(MailToken.user_id).where(
            MailToken.token_hash == token_hash, MailToken.kind == kind, MailToken.expires_at > now
        )
    )


async def use_token(
    session: AsyncSession, kind: MailKind, token_hash: bytes, *, now: dt.datetime
) -> UUID | None:
    """Return whose token this is, and end it: of two who use it at once only one gets an answer."""
    return await session.scalar(
        delete(MailToken)
        .where(
            MailToken.token_hash == token_hash, MailToken.kind == kind, MailToken.expires_at > now
        )
        .returning(MailToken.user_id)
    )


async def delete_tokens(session: AsyncSession, user_id: UUID, kind: MailKind) -> None:
    """End all of a user's tokens of a kind."""
    await session.execute(
        delete(MailToken).where(MailToken.user_id == user_id, MailToken.kind == kind)
    )


async def delete_expired_tokens(session: AsyncSession, now: dt.datetime) -> None:
    """Forget tokens that are of no use any more."""
    await session.execute(delete(MailToken).where(MailToken.expires_at <= now))
