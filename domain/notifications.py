"""Notifications: what users are told beside what they asked for.

Each is written in the transaction of what it tells about, under the name of its cause: however
often a job runs, a cause is told once.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import utc_now
from domain.mail import MAIL_OF, queue_mail
from domain.preferences import read_preferences
from domain.tiers import PLAN_KINDS, TierLimitReachedError
from storage.insights import list_insights_of_day
from storage.jobs import get_job
from storage.models import Goal, JobStatus, NotificationType
from storage.notifications import create_notification
from storage.users import read_preferences as read_stored_preferences

# `jobs/insights.py` has what it does.
INSIGHTS_KIND = "insights"
USUAL_LIFETIME = dt.timedelta(days=30)
LIFETIMES = {
    NotificationType.INSIGHT: dt.timedelta(days=7),
    NotificationType.MILESTONE: dt.timedelta(days=90),
}


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What there is to tell; `cause` names the event among all of its user's.

    `mail_about` names what a mail about it has to read (`domain/mail_letters.py`).
    """

    type: NotificationType
    title: str
    message: str
    cause: str
    job_id: UUID | None = None
    expires_at: dt.datetime | None = None
    mail_about: Mapping[str, str] = field(default_factory=dict)


async def notify(session: AsyncSession, user_id: UUID, notice: Notice) -> bool:
    """Tell a user, by mail too where there are mails of this type, if they want it.

    What they were told already is not told again. Returns whether they are told in the app.
    """
    preferences = read_preferences(await read_stored_preferences(session, user_id))
    channels = preferences[notice.type]
    if channels.by_mail:
        kind = MAIL_OF[notice.type]
        await queue_mail(session, user_id, kind, cause=notice.cause, about=notice.mail_about)
    if not channels.in_app:
        return False
    now = utc_now()
    lifetime = LIFETIMES.get(notice.type, USUAL_LIFETIME)
    return await create_notification(
        session,
        user_id,
        type=notice.type,
        title=notice.title,
        message=notice.message,
        cause=notice.cause,
        job_id=notice.job_id,
        created_at=now,
        expires_at=notice.expires_at or now + lifetime,
    )


async def notify_job_end(session: AsyncSession, job_id: UUID) -> None:
    """Tell how a job has ended, in the transaction that ends it; nothing while it has not.

    Of the job of a morning only what it found is told: nobody has asked for it.
    """
    job = await get_job(session, job_id)
    if job.kind == INSIGHTS_KIND:
        if job.status == JobStatus.COMPLETED:
            day = dt.date.fromisoformat(job.input["date"])
            insights = await list_insights_of_day(session, job.user_id, day)
            await tell_insights(session, job.user_id, day, [each.title for each in insights])
        return
    name = job.kind.replace("_", " ")
    match job.status:
        case JobStatus.COMPLETED if job.kind in PLAN_KINDS:
            told = NotificationType.PLAN_READY, "Your plan is ready", _describe_plan(job.result)
        case JobStatus.COMPLETED:
            told = NotificationType.JOB_COMPLETED, f"Done: {name}", "It is ready for you."
        case JobStatus.FAILED:
            title = "Your plan could not be made" if job.kind in PLAN_KINDS else f"Not done: {name}"
            told = NotificationType.JOB_FAILED, title, job.error or "It has failed."
        case _:
            return
    kind, title, message = told
    # Asked for again it may end again, which is new.
    cause = f"job {job.id} {job.attempts}"
    notice = Notice(
        type=kind,
        title=title,
        message=message,
        cause=cause,
        job_id=job.id,
        mail_about={"job_id": str(job.id)},
    )
    await notify(session, job.user_id, notice)


async def tell_insights(
    session: AsyncSession, user_id: UUID, day: dt.date, titles: Sequence[str]
) -> None:
    """Tell what was found on a day of a user's calendar, the most important first; once a day.

    The mail is the digest of the day, and has all that is stored about it when it is sent.
    """
    if not titles:
        return
    notice = Notice(
        type=NotificationType.INSIGHT,
        title="A new insight" if len(titles) == 1 else f"{len(titles)} new insights",
        message=titles[0],
        cause=f"insights {day}",
        mail_about={"day": str(day)},
    )
    await notify(session, user_id, notice)


async def tell_milestone(session: AsyncSession, goal: Goal, percent: int | None) -> None:
    """Tell the farthest milestone that a goal has newly reached, if there is one."""
    if percent is None:
        return
    notice = Notice(
        type=NotificationType.MILESTONE,
        title="Goal reached" if percent == 100 else f"{percent}% of the way",  # noqa: PLR2004  # all of it
        message=f"You have reached your goal “{goal.title}”."
        if percent == 100  # noqa: PLR2004  # all of it
        else f"You are {percent}% of the way to your goal “{goal.title}”.",
        cause=f"milestone {goal.id} {goal.target_value} {percent}",
    )
    await notify(session, goal.user_id, notice)


async def tell_limit_reached(
    session: AsyncSession, user_id: UUID, error: TierLimitReachedError
) -> None:
    """Tell that a limit is reached, once per limit and day.

    Not in the transaction that was refused, which is undone.
    """
    limit, resets_at = error.fields["limit"], error.fields["resets_at"]
    assert isinstance(resets_at, dt.datetime)
    notice = Notice(
        type=NotificationType.TIER_LIMIT_REACHED,
        title="A limit of your day is reached",
        message=error.detail,
        cause=f"{error.code} {limit} {resets_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M}",
        expires_at=resets_at,
    )
    await notify(session, user_id, notice)


def _describe_plan(result: dict[str, object] | None) -> str:
    match result:
        case {"title": str(title), "posts": int(posts)}:
            return f"“{title}” has {posts} {'post' if posts == 1 else 'posts'}."
        case _:
            return "Have a look at it."
