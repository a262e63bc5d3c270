"""Notifications: what users are told beside what they asked for.

Each is written in the transaction of what it tells about, under the name of its cause: however
often a job runs, a cause is told once.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import utc_now
from domain.preferences import read_preferences
from domain.tiers import PLAN_KINDS, TierLimitReachedError
from storage.jobs import get_job
from storage.models import Goal, JobStatus, NotificationType
from storage.notifications import create_notification
from storage.users import read_preferences as read_stored_preferences

USUAL_LIFETIME = dt.timedelta(days=30)
LIFETIMES = {
    NotificationType.INSIGHT: dt.timedelta(days=7),
    NotificationType.MILESTONE: dt.timedelta(days=90),
}


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What there is to tell; `cause` names the event among all of its user's."""

    type: NotificationType
    title: str
    message: str
    cause: str
    job_id: UUID | None = None
    expires_at: dt.datetime | None = None


async def notify(session: AsyncSession, user_id: UUID, notice: Notice) -> bool:
    """Tell a user, unless they were told already, or do not want to be. Returns whether it did."""
    preferences = read_preferences(await read_stored_preferences(session, user_id))
    if not preferences[notice.type].in_app:
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
    """Tell how a job has ended, in the transaction that ends it; nothing while it has not."""
    job = await get_job(session, job_id)
    name = job.kind.replace("_", " ")
    match job.status:
        case JobStatus.COMPLETED if job.kind in PLAN_KINDS:
            told = NotificationType.PLAN_READY, "Your plan is ready", _describe_plan(job.result)
        case JobStatus.COMPLETED:
            told = NotificationType.JOB_COMPLETED, f"Done: {name}", "It is ready for you."
        case JobStatus.FAILED:
            told = NotificationType.JOB_FAILED, f"Not done: {name}", job.error or "It has failed."
        case _:
            return
    kind, title, message = told
    # Asked for again it may end again, which is new.
    cause = f"job {job.id} {job.attempts}"
    notice = Notice(type=kind, title=title, message=message, cause=cause, job_id=job.id)
    await notify(session, job.user_id, notice)


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
