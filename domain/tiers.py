"""What each tier includes: one table, used by whatever checks a limit."""

from dataclasses import dataclass

from storage.models import Tier


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
