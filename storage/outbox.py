"""Queries over mails that are to be sent: one for each cause, whatever happens to its job."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Mail, MailKind, MailStatus
from storage.queue import SEND_MAIL, has_task


async def add_mail(
    session: AsyncSession,
    user_id: UUID,
    kind: MailKind,
    *,
    cause: str,
    about: Mapping[str, str],
    due_at: dt.datetime,
    expires_at: dt.datetime,
) -> UUID | None:
    """Store a mail to send; None if there is one of its cause already."""
    return await session.scalar(
        insert(Mail)
        .values(
            user_id=user_id,
            kind=kind,
            cause=cause,
            about=dict(about),
            due_at=due_at,
            expires_at=expires_at,
        )
        .on_conflict_do_nothing(index_elements=[Mail.user_id, Mail.cause])
        .returning(Mail.id)
    )


async def find_mail(session: AsyncSession, mail_id: UUID) -> Mail | None:
    """Return the mail with this id, locked until the transaction ends."""
    return await session.get(Mail, mail_id, with_for_update=True)


async def end_attempt(
    session: AsyncSession,
    mail_id: UUID,
    attempt: int,
    *,
    status: MailStatus = MailStatus.QUEUED,
    now: dt.datetime,
    due_at: dt.datetime | None = None,
    error: str | None = None,
) -> None:
    """Note how the newest attempt to send a mail has ended; an older one has no say."""
    values: dict[str, object] = {"status": status, "error": error}
    if due_at:
        values["due_at"] = due_at
    if status == MailStatus.SENT:
        values["sent_at"] = now
    await session.execute(
        update(Mail)
        .where(Mail.id == mail_id, Mail.attempts == attempt, Mail.status == MailStatus.QUEUED)
        .values(values)
    )


async def list_overdue(session: AsyncSession, before: dt.datetime, *, limit: int) -> Sequence[UUID]:
    """Return mails that should have been sent by then, and whose task is lost."""
    found = await session.scalars(
        select(Mail.id)
        .where(
            Mail.status == MailStatus.QUEUED,
            Mail.due_at < before,
            ~has_task(SEND_MAIL, mail_id=Mail.id),
        )
        .order_by(Mail.due_at)
        .limit(limit)
    )
    return found.all()


async def delete_old_mails(session: AsyncSession, before: dt.datetime) -> None:
    """Forget what was queued before then, in a service session; it has long been sent or not."""
    await session.execute(
        delete(Mail).where(Mail.created_at < before, Mail.status != MailStatus.QUEUED)
    )
