"""What mails say, as text and HTML; written when they are sent, from what is true then."""

import datetime as dt
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts import hash_token
from domain.mail import LIFETIMES, UNSUBSCRIBABLE, is_wanted, unsubscribe_token
from domain.tiers import PLAN_KINDS
from platforms.mail import Letter
from storage.insights import list_insights_of_day
from storage.jobs import find_job
from storage.mail_tokens import create_token
from storage.models import Insight, Job, JobStatus, Mail, MailKind, User

VERIFY_PATH, RESET_PATH, UNSUBSCRIBE_PATH = "/verify-email", "/reset-password", "/api/unsubscribe"
MORNING, NOON = 4, 12  # the hours of it


@dataclass(frozen=True, kw_only=True)
class Button:
    """Where a mail leads."""

    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One of several things that a mail tells, and what may be done about it."""

    title: str
    message: str
    actions: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a mail says; `reason` is why it came."""

    subject: str
    paragraphs: Sequence[str]
    reason: str
    heading: str | None = None
    items: Sequence[Item] = ()
    button: Button | None = None


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """A mail that is about to be sent, and to whom; links begin with `base_url`."""

    session: AsyncSession
    mail: Mail
    user: User
    base_url: str
    now: dt.datetime


async def write_letter(occasion: Occasion) -> Letter | None:
    """Return what to send, in a service session; None if nobody wants it, or there is nothing.

    A link that proves something gets its token here, which is stored hashed: it is nowhere else.
    """
    mail, user = occasion.mail, occasion.user
    kind = MailKind(mail.kind)
    message = await _WRITERS[kind](occasion) if is_wanted(user, kind) else None
    if message is None:
        return None
    unsubscribe_url = None
    if kind in UNSUBSCRIBABLE:
        token = unsubscribe_token(user, UNSUBSCRIBABLE[kind])
        unsubscribe_url = _link(occasion, UNSUBSCRIBE_PATH, token=token)
    words = {"message": message, "unsubscribe_url": unsubscribe_url}
    return Letter(
        name=str(mail.id),
        to=user.email,
        subject=message.subject,
        text=_templates().get_template("letter.txt").render(words),
        html=_templates().get_template("letter.html").render(words),
        created_at=mail.created_at,
        unsubscribe_url=unsubscribe_url,
    )


async def _write_digest(occasion: Occasion) -> Message | None:
    day = dt.date.fromisoformat(occasion.mail.about["day"])
    insights = await list_insights_of_day(occasion.session, occasion.user.id, day)
    if not insights:
        return None
    when = f"{day:%A}, {day.day} {day:%B %Y}"  # as the insights' own sentences have it
    first, *others = insights
    hour = occasion.now.astimezone(ZoneInfo(occasion.user.timezone)).hour
    return Message(
        subject=first.title if not others else f"{first.title} – and {len(others)} more",
        heading="Good morning" if MORNING <= hour < NOON else "Worth knowing today",
        paragraphs=[f"This is what stands out in your numbers on {when}."],
        items=[_item(each) for each in insights],
        button=Button(label="Ask about it", url=_link(occasion, "/")),
        reason="You get this mail on days when there is something to tell.",
    )


async def _write_plan_ready(occasion: Occasion) -> Message | None:
    job = await _find_job(occasion, JobStatus.COMPLETED)
    if job is None:
        return None
    result = job.result or {}
    title, posts = result.get("title"), result.get("posts")
    told = f"“{title}” is ready" if title else "Your plan is ready"
    count = f" It has {posts} {'post' if posts == 1 else 'posts'}." if posts else ""
    return Message(
        subject="Your plan is ready",
        paragraphs=[f"{told}.{count}", "Look through it, change what you like, and export it."],
        button=Button(label="Open the plan", url=_link(occasion, f"/plans/{_plan_id(job)}")),
        reason="You get this mail when a plan that you asked for is ready.",
    )


async def _write_job_failed(occasion: Occasion) -> Message | None:
    job = await _find_job(occasion, JobStatus.FAILED)
    if job is None:
        return None
    what = "Your plan" if job.kind in PLAN_KINDS else f"Your {job.kind.replace('_', ' ')}"
    return Message(
        subject=f"{what} could not be made",
        paragraphs=[
            job.error or "It has failed.",
            "What you asked for is kept: you can have it tried again.",
        ],
        button=Button(label="See what happened", url=_link(occasion, f"/jobs/{job.id}")),
        reason="You get this mail when something that you asked for has failed.",
    )


async def _write_verification(occasion: Occasion) -> Message | None:
    if occasion.user.email_verified_at:
        return None
    url = _link(occasion, VERIFY_PATH, token=await _create_token(occasion))
    return Message(
        subject="Confirm your address for Dream Suite",
        heading="Is this your address?",
        paragraphs=[
            "Somebody made an account at Dream Suite with it. If that was you, confirm it here.",
            "Then we can tell you what stands out in your numbers, and when a plan is ready.",
            "If it was not you, there is nothing to do.",
        ],
        button=Button(label="Yes, it is mine", url=url),
        reason="The link is good for one day. We send nothing else before you use it.",
    )


async def _write_reset(occasion: Occasion) -> Message | None:
    url = _link(occasion, RESET_PATH, token=await _create_token(occasion))
    return Message(
        subject="Choose a new password",
        paragraphs=[
            "Somebody has asked for a new password for your account. If it was you, choose one.",
            "If it was not you, there is nothing to do: your password stays as it is.",
        ],
        button=Button(label="Choose a new password", url=url),
        reason="The link works once, for one hour.",
    )


async def _write_password_changed(occasion: Occasion) -> Message | None:
    return Message(
        subject="Your password was changed",
        paragraphs=[
            "The password of your account was changed, and you were signed out everywhere else.",
            "If it was not you, choose a new password at once.",
            "API keys still work: delete those that you do not know.",
        ],
        button=Button(label="It was not me", url=_link(occasion, RESET_PATH)),
        reason="You get this mail whenever your password changes.",
    )


_WRITERS: dict[MailKind, Callable[[Occasion], Awaitable[Message | None]]] = {
    MailKind.DIGEST: _write_digest,
    MailKind.PLAN_READY: _write_plan_ready,
    MailKind.JOB_FAILED: _write_job_failed,
    MailKind.VERIFY_EMAIL: _write_verification,
    MailKind.RESET_PASSWORD: _write_reset,
    MailKind.PASSWORD_CHANGED: _write_password_changed,
}


async def _create_token(occasion: Occasion) -> str:
    token, kind = secrets.token_urlsafe(32), MailKind(occasion.mail.kind)
    await create_token(
        occasion.session,
        occasion.user.id,
        kind,
        token_hash=hash_token(token),
        expires_at=occasion.now + LIFETIMES[kind],
    )
    return token


async def _find_job(occasion: Occasion, status: JobStatus) -> Job | None:
    """Return the job of a mail, if it still stands as it did."""
    job = await find_job(occasion.session, UUID(occasion.mail.about["job_id"]))
    return job if job and job.status == status else None


def _plan_id(job: Job) -> str:
    return str((job.result or {}).get("plan_id", job.id))


def _item(insight: Insight) -> Item:
    actions = [each["text"] for each in insight.action_items]
    return Item(title=insight.title, message=insight.message, actions=actions)


def _link(occasion: Occasion, path: str, **query: str) -> str:
    return f"{occasion.base_url}{path}{'?' if query else ''}{urlencode(query)}"


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("domain", "mail_templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
