"""Connections that need a hand: an account whose numbers have stopped coming."""

from collections.abc import Iterator
from typing import Literal

from domain.analytics.series import platform_name
from domain.figures import FigureBook
from domain.insights.candidates import Candidate, Detector
from domain.insights.evidence import Evidence
from storage.metrics import Coverage

# Numbers come up to two days late; an export is made now and then.
STALE_DAYS = {"oauth": 4, "import": 21}
# What was left behind months ago was left behind on purpose.
FORGOTTEN_DAYS = 90
BAD_DAYS = 30
# Yesterday's numbers are as new as numbers are.
LEAST_DAYS = 2

State = Literal["needs_reconnect", "expiring", "stale"]


def find_stale_accounts(evidence: Evidence) -> Iterator[Candidate]:
    """Yield each account that needs to be connected again, or has brought nothing of late."""
    for account in evidence.accounts:
        days = (evidence.today - account.last_date).days if account.last_date else None
        state = _state(account, days)
        if state is None:
            continue
        figures = []
        if days is not None and account.last_date and days >= LEAST_DAYS:
            figures = [
                FigureBook().add(
                    f"days without numbers, {platform_name(account.platform)} ({account.account})",
                    days,
                    metric="days_without_data",
                    unit="days",
                    platform=account.platform,
                    account=account.account,
                    start=account.last_date,
                    end=evidence.today,
                    observations=account.days,
                )
            ]
        yield Candidate(
            detector=Detector.CONNECTION,
            finding=f"{Detector.CONNECTION}:{account.connection_id}:{state}",
            effect=_effect(state, (days or 0) - STALE_DAYS[account.source]),
            confidence=1.0,
            facts={
                "platform": account.platform,
                "account": account.account,
                "state": state,
                "source": account.source,
                "last_day": str(account.last_date or ""),
                **({"days": figures[0].id} if figures else {}),
            },
            figures=figures,
        )


def _state(account: Coverage, days: int | None) -> State | None:
    if account.status == "needs_reconnect":
        return "needs_reconnect"
    if account.status == "expiring":
        return "expiring"
    is_late = days is not None and STALE_DAYS[account.source] <= days <= FORGOTTEN_DAYS
    return "stale" if is_late and account.status == "active" else None


def _effect(state: State, late_days: int) -> float:
    """Return how bad it is: without a sign-in nothing comes; the rest gets worse for a month."""
    least = {"needs_reconnect": 1.0, "expiring": 0.4, "stale": 0.3}[state]
    return min(least + (1 - least) * max(late_days, 0) / BAD_DAYS, 1)
