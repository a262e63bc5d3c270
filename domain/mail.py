"""Mail to users: ordered in the transaction of its cause, sent by a job.

Mails of `UNSUBSCRIBABLE` kinds are for those who want them and have shown that the address is
theirs. The others answer something that a user has just done.
"""

import datetime as dt
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import utc_now
from core.errors import InvalidError
from domain.preferences import ChannelChange, change_preferences, read_preferences
from storage.models import MailKind, NotificationType, User
from storage.outbox import add_mail
from storage.queue import ASKED, UNASKED, defer_mail
from storage.users import find_by_id, lock_preferences, write_preferences

MAIL_OF = {
    NotificationType.INSIGHT: MailKind.DIGEST,
    NotificationType.PLAN_READY: MailKind.PLAN_READY,
    NotificationType.JOB_FAILED: MailKind.JOB_FAILED,
}
UNSUBSCRIBABLE = {mail: notification for notification, mail in MAIL_OF.items()}
# What comes later than this is of no use any more, and not sent.
LIFETIMES = {
    MailKind.DIGEST: dt.timedelta(hours=18),
    MailKind.PLAN_READY: dt.timedelta(days=3),
    MailKind.JOB_FAILED: dt.timedelta(days=3),
    MailKind.VERIFY_EMAIL: dt.timedelta(days=1),
    MailKind.RESET_PASSWORD: dt.timedelta(hours=1),
    MailKind.PASSWORD_CHANGED: dt.timedelta(days=3),
}


class InvalidUnsubscribeLinkError(InvalidError):
    """This link is not whole: copy it from the mail again, or change it in your settings."""

    code = "invalid_link"


async def queue_mail(
    session: AsyncSession,
    user_id: UUID,
    kind: MailKind,
    *,
    cause: str,
    about: Mapping[str, str] | None = None,
) -> bool:
    """Order a mail, unless there is one of its cause already; returns whether it did."""
    now = utc_now()
    mail_id = await add_mail(
        session,
        user_id,
        kind,
        cause=cause,
        about=about or {},
        due_at=now,
        expires_at=now + LIFETIMES[kind],
    )
    if mail_id:
        await defer_mail(session, mail_id, priority=priority_of(kind))
    return mail_id is not None


def priority_of(kind: MailKind, attempts: int = 0) -> int:
    """Tell which mails go first: those that somebody waits for, and those not yet tried.

    A mail server that is away takes long to say so, and must not keep workers from their jobs.
    """
    usual = UNASKED if kind in UNSUBSCRIBABLE else ASKED
    return usual + (UNASKED if attempts else 0)


def is_wanted(user: User, kind: MailKind) -> bool:
    """Tell whether a mail of this kind may go to a user, as things stand now."""
    notification = UNSUBSCRIBABLE.get(kind)
    if notification is None:
        return True
    preferences = read_preferences(user.notification_preferences)
    return user.email_verified_at is not None and bool(preferences[notification].by_mail)


def unsubscribe_token(user: User, kind: NotificationType) -> str:
    """Return what ends mails about this type without a sign-in, and can do nothing else."""
    return f"{user.id.hex}.{kind}.{_sign(user, kind)}"


async def find_subscription(session: AsyncSession, token: str) -> tuple[User, NotificationType]:
    """Return whose mails, and about what, a token ends; the session is a service session.

    Raises `InvalidUnsubscribeLinkError`.
    """
    try:
        user_hex, name, signature = token.split(".")
        user_id, kind = UUID(hex=user_hex), NotificationType(name)
        is_ascii = signature.isascii()
    except ValueError as error:
        raise InvalidUnsubscribeLinkError from error
    user = await find_by_id(session, user_id)
    if not user or not is_ascii or not hmac.compare_digest(signature, _sign(user, kind)):
        raise InvalidUnsubscribeLinkError
    return user, kind


async def unsubscribe(session: AsyncSession, token: str) -> NotificationType:
    """End mails as the token says; again changes nothing. Raises as `find_subscription` does."""
    user, kind = await find_subscription(session, token)
    stored = await lock_preferences(session, user.id)
    changed = change_preferences(stored, {kind: ChannelChange(by_mail=False)})
    await write_preferences(session, user.id, changed)
    return kind


def _sign(user: User, kind: NotificationType) -> str:
    digest = hmac.digest(user.mail_key, f"unsubscribe {kind}".encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")
