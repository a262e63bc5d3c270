"""How many model tokens a user's day has left.

A run sets tokens aside when it begins, in the transaction that stores it, and more before each
call that needs more. When it is closed, in that transaction, what it used takes the place of what
it had set aside; of a run that was lost all that it had set aside counts as used.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_date, local_midnight
from domain.tiers import PLAN_KINDS, TIERS, TierLimitReachedError
from storage.jobs import count_created
from storage.models import ChatMessage, Platform, Run, Tier
from storage.usage import (
    Reservation,
    add_usage,
    count_accounts,
    get_tier,
    lock_reservation,
    read_totals,
    take_reservation,
    write_reservation,
)

# Prose has over four bytes per token, dense JSON of figures about two and a half.
BYTES_PER_TOKEN = 2.5
# The instructions and tools that a first call carries; a test measures those of every agent.
PROMPT_TOKENS = 8_000
# Which parts of earlier messages models read.
READ_PARTS = {"text", "dynamic-tool"}
# What is set aside for an answer beyond what is read for it.
ANSWER_TOKENS = 2_000


class TokenLimitReachedError(TierLimitReachedError):
    """The model tokens of your day are used up, or what is left is not enough for this answer."""

    code = "token_limit_reached"


@dataclass(frozen=True, kw_only=True)
class TokenUsage:
    """Tokens that a run used, and how many of them no model has reported."""

    tokens: int = 0
    estimated: int = 0


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How much of something is used, how much there is, and when it begins anew if it does."""

    used: int
    limit: int
    resets_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a user may use. `accounts` is per platform; the others are per day."""

    tier: Tier
    model_tokens: Limit
    plans: Limit
    jobs: Limit
    accounts: Mapping[Platform, Limit]


def estimate_tokens(size: int) -> int:
    """Return how many tokens so many bytes of text have at most, as models usually count."""
    return ceil(size / BYTES_PER_TOKEN)


def estimate_first_call(path: Sequence[ChatMessage]) -> int:
    """Return how many tokens the first call of an answer to this path reads at most."""
    parts = [part for message in path for part in message.parts if part["type"] in READ_PARTS]
    return PROMPT_TOKENS + estimate_tokens(len(to_json(parts)))


async def begin_usage(
    session: AsyncSession,
    run: Run,
    path: Sequence[ChatMessage],
    *,
    timezone: str,
    now: dt.datetime,
    is_metered: bool,
    is_new: bool = True,
) -> None:
    """Count a run that begins, or goes on, and set tokens aside for it on its user's day.

    A model that is not metered costs nothing. Raises `TokenLimitReachedError`.
    """
    date = local_date(now, timezone)
    runs = int(is_new)
    if not is_metered:
        await add_usage(session, run.user_id, date, runs=runs)
        return
    needed = estimate_first_call(path)
    reservation = Reservation(user_id=run.user_id, date=date, tokens=0)
    run.usage_date = date
    run.reserved_tokens = await _set_aside(
        session, reservation, needed=needed, timezone=timezone, now=now, runs=runs
    )


async def extend_reservation(
    session: AsyncSession, run_id: UUID, *, needed: int, timezone: str, now: dt.datetime
) -> int:
    """Set more tokens aside for a run, at least these; return how many.

    Raises `TokenLimitReachedError`.
    """
    reservation = await lock_reservation(session, run_id)
    if reservation is None:  # closed by somebody else, as its owner will be told
        return needed
    more = await _set_aside(session, reservation, needed=needed, timezone=timezone, now=now)
    await write_reservation(session, run_id, reservation.tokens + more)
    return more


async def settle_usage(session: AsyncSession, run_id: UUID, usage: TokenUsage | None) -> None:
    """Count what a run used instead of what it had set aside; null if nobody knows.

    Belongs into the transaction that closes the run or lets it wait, behind all else.
    """
    reservation = await take_reservation(session, run_id)
    if reservation is None:
        return
    usage = usage or TokenUsage(tokens=reservation.tokens, estimated=reservation.tokens)
    await add_usage(
        session,
        reservation.user_id,
        reservation.date,
        model_tokens=usage.tokens,
        estimated_tokens=usage.estimated,
        reserved_tokens=-reservation.tokens,
    )


async def read_limits(
    session: AsyncSession, user_id: UUID, *, timezone: str, now: dt.datetime
) -> Limits:
    """Return what the user may use, and how much of it they have used."""
    tier = await get_tier(session, user_id)
    today = local_date(now, timezone)
    totals = await read_totals(session, user_id, today)
    accounts = await count_accounts(session, user_id)
    included = TIERS[tier]
    midnight = local_midnight(today + dt.timedelta(days=1), timezone)
    began = local_midnight(today, timezone)
    plans, jobs = await count_created(session, user_id, today, PLAN_KINDS, midnight=began)
    return Limits(
        tier=tier,
        model_tokens=Limit(
            used=totals.taken, limit=included.model_tokens_a_day, resets_at=midnight
        ),
        plans=Limit(used=plans, limit=included.plans_a_day, resets_at=midnight),
        jobs=Limit(used=jobs, limit=included.other_jobs_a_day, resets_at=midnight),
        accounts={
            platform: Limit(used=accounts.get(platform, 0), limit=included.accounts_per_platform)
            for platform in Platform
        },
    )


async def _set_aside(
    session: AsyncSession,
    reservation: Reservation,
    *,
    needed: int,
    timezone: str,
    now: dt.datetime,
    runs: int = 0,
) -> int:
    """Take tokens from the day of a reservation: those needed, and room for an answer if there is.

    The day's row stays locked until the commit, so that parallel requests cannot take the same.
    """
    user_id, date = reservation.user_id, reservation.date
    limit = TIERS[await get_tier(session, user_id)].model_tokens_a_day
    wanted = needed + ANSWER_TOKENS
    totals = await add_usage(session, user_id, date, reserved_tokens=wanted, runs=runs)
    missing = max(totals.taken - limit, 0)
    if wanted - missing < needed:
        midnight = local_midnight(date + dt.timedelta(days=1), timezone)
        raise _limit_reached(totals.taken - wanted, limit, midnight, timezone, now)
    if missing:
        await add_usage(session, user_id, date, reserved_tokens=-missing)
    return wanted - missing


def _limit_reached(
    used: int, limit: int, midnight: dt.datetime, timezone: str, now: dt.datetime
) -> TokenLimitReachedError:
    if used >= limit:
        what = f"All {limit:,} model tokens of your day are used or set aside for answers"
    else:
        what = (
            f"Of the {limit:,} model tokens of your day {used:,} are used or set aside for "
            "answers, and what is left is not enough for this one"
        )
    when = f"{midnight:%H:%M} on {midnight.day} {midnight:%B %Y} ({timezone})"
    return TokenLimitReachedError(
        f"{what}. There are new ones from {when}.",
        retry_after=(midnight - now).total_seconds(),
        limit=limit,
        used=used,
        resets_at=midnight,
    )
