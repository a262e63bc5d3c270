"""What each tier includes: one table, used by whatever checks a limit."""

from dataclasses import dataclass

from core.errors import LimitError
from storage.models import Tier

# Kinds of jobs that count as plans; all others are other jobs.
PLAN_KINDS = ("content_calendar", "onboarding")


class TierLimitReachedError(LimitError):
    """All that your tier has of this for a day is used.

    Its fields are `limit`, `used` and `resets_at`. The user is told by a notification, too.
    """

    code = "tier_limit_reached"


@dataclass(frozen=True, kw_only=True)
class TierLimits:
    """How much a user of a tier may use; days are those of their own calendar."""

    accounts_per_platform: int
    model_tokens_a_day: int
    plans_a_day: int
    other_jobs_a_day: int


TIERS = {
    Tier.FREE: TierLimits(
        accounts_per_platform=1,
        model_tokens_a_day=100_000,
        plans_a_day=2,
        other_jobs_a_day=10,
    ),
    Tier.PRO: TierLimits(
        accounts_per_platform=3,
        model_tokens_a_day=1_000_000,
        plans_a_day=20,
        other_jobs_a_day=100,
    ),
    Tier.BUSINESS: TierLimits(
        accounts_per_platform=10,
        model_tokens_a_day=5_000_000,
        plans_a_day=100,
        other_jobs_a_day=1_000,
    ),
}
