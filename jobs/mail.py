"""Sending the mails that are queued.

Each is sent at least once: a worker that dies between the mail server's yes and its own note of
it leaves a mail that is sent again, with the same Message-ID.
"""

import datetime as dt
import logging
from typing import Protocol
from uuid import UUID

from procrastinate import App, JobContext

from core.settings import Settings
from domain.mail import priority_of
from domain.mail_letters import Occasion, write_letter
from graph.resources import Resources
from jobs.tasks import WorkContext
from platforms.mail import Letter, MailFolder, MailNotSentError, MailRefusedError, SmtpServer
from storage.mail_tokens import delete_expired_tokens
from storage.models import Mail, MailKind, MailStatus
from storage.outbox import delete_old_mails, end_attempt, find_mail, list_overdue
from storage.queue import HOUSEKEEPING, SEND_MAIL, defer_mail
from storage.users import get_user

logger = logging.getLogger(__name__)

EVERY_TEN_MINUTES = "*/10 * * * *"
OVERDUE = dt.timedelta(minutes=10)
OVERDUE_AT_ONCE = 1000
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=30), dt.timedelta(hours=1)
DOUBLINGS = 7  # are more than an hour; a hundred would be more than a timedelta can be
KEPT = dt.timedelta(days=30)


class MailRoute(Protocol):
    """Where mails go."""

    async def send(self, letter: Letter, sender: str) -> None:
        """Send a letter. Raises `MailNotSentError`, `MailRefusedError`."""


def find_route(settings: Settings) -> MailRoute | None:
    """Return where the settings send mails; None where there are none."""
    url = settings.mail_url.get_secret_value() if settings.mail_url else ""
    if url == "files" or (not url and settings.is_embedded):
        return MailFolder(path=settings.data_dir / "mail")
    if not url:
        return None
    return SmtpServer.from_url(url, timeout_seconds=settings.mail_timeout_seconds)


def register_mail_tasks(app: App) -> None:
    """Give the app the tasks about mails."""
    app.task(name=SEND_MAIL, queue="mail", pass_context=True)(send_mail)
    sweep = app.task(name="send_overdue_mail", queue=HOUSEKEEPING, pass_context=True)(send_overdue)
    app.periodic(cron=EVERY_TEN_MINUTES)(sweep)


async def send_mail(context: JobContext, mail_id: str) -> None:
    """Send a mail, and come back later while it is not sent."""
    work: WorkContext = context.additional_context["work"]
    await deliver(work.resources, UUID(mail_id))


async def send_overdue(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  # procrastinate's
    """Send mails whose task is lost; forget those that are long done, and old tokens."""
    work: WorkContext = context.additional_context["work"]
    database, now = work.resources.database, work.resources.clock()
    async with database.service_session() as session:
        for mail_id in await list_overdue(session, now - OVERDUE, limit=OVERDUE_AT_ONCE):
            await defer_mail(session, mail_id)
        await delete_old_mails(session, now - KEPT)
        await delete_expired_tokens(session, now)


async def deliver(resources: Resources, mail_id: UUID) -> None:
    """Send a mail that is due; where it is not, or cannot be sent, another task tries later."""
    database, clock, settings = resources.database, resources.clock, resources.settings
    route, now = find_route(settings), clock()
    async with database.service_session() as session:
        mail = await find_mail(session, mail_id)
        if mail is None or mail.status != MailStatus.QUEUED:
            return
        if mail.due_at > now:  # another attempt may be going on
            priority = priority_of(MailKind(mail.kind), mail.attempts)
            await defer_mail(session, mail_id, due=mail.due_at, priority=priority)
            return
        mail.attempts += 1
        mail.due_at = now + dt.timedelta(seconds=2 * settings.mail_timeout_seconds)
        letter = None
        if route and mail.expires_at > now:
            user = await get_user(session, mail.user_id)
            occasion = Occasion(
                session=session, mail=mail, user=user, base_url=settings.base_url, now=now
            )
            letter = await write_letter(occasion)
        if route is None or letter is None:
            mail.status = MailStatus.DROPPED
            mail.error = None if route else "MAIL_URL is not set"
            return
    await _send(resources, route, mail, letter)


async def _send(resources: Resources, route: MailRoute, mail: Mail, letter: Letter) -> None:
    """Send a letter outside of any transaction, and note what came of it."""
    database, clock = resources.database, resources.clock
    status, error, due_at = MailStatus.SENT, None, None
    try:
        await route.send(letter, resources.settings.mail_from)
    except MailRefusedError as refused:
        status, error = MailStatus.REFUSED, str(refused)
        logger.warning("mail %s was refused; its row says why", mail.id)
    except MailNotSentError as failed:
        wait = min(FIRST_WAIT * 2 ** min(mail.attempts - 1, DOUBLINGS), LONGEST_WAIT)
        status, error, due_at = MailStatus.QUEUED, str(failed), clock() + wait
        logger.warning("mail %s is tried again in %s; its row says why", mail.id, wait)
    async with database.service_session() as session:
        await end_attempt(
            session,
            mail.id,
            mail.attempts,
            status=status,
            now=clock(),
            due_at=due_at,
            error=error and error[:1000],
        )
        if due_at:
            priority = priority_of(MailKind(mail.kind), mail.attempts)
            await defer_mail(session, mail.id, due=due_at, priority=priority)
