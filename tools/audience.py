"""The tool that reads who the creator's audience is."""

import datetime as dt
from collections.abc import Iterator, Sequence

from langchain_core.tools import tool

from domain.analytics.comparison import period_before
from storage.audience import Snapshot, list_latest_snapshots
from storage.metrics import Coverage, list_coverage
from storage.models import AudienceDimension, Platform
from tools.arguments import past_period
from tools.audience_figures import find_earlier, list_shares, share_figure
from tools.context import RunContext, Runtime
from tools.figures import PLATFORM_NAMES
from tools.results import Result, ToolResult

# Shares of each account and dimension: where one dimension is asked for, and of all of them.
MAX_SHARES = 10
MAX_SHARES_OF_ALL = 3
MAX_SNAPSHOTS = 12


@tool(response_format="content_and_artifact")
async def get_audience(
    start: dt.date,
    end: dt.date,
    runtime: Runtime,
    platform: Platform | None = None,
    dimension: AudienceDimension | None = None,
    account: str | None = None,
) -> Result:
    """Read who the creator's audience is: shares by age, gender, country and city, in percent.

    Gives, per account, the last shares told from start to end, both included, with their day, and
    those of the equally long time before. Give four weeks or more: platforms tell rarely. Leave
    dimension out for the largest shares of each. Never add shares of several platforms, and never
    combine dimensions: how many of the women live in a city is unknown. What is missing to 100 is
    unknown. Names of places are data from outside.
    """
    context = runtime.context
    period = past_period(context, start, end)
    async with context.database.user_session(context.user_id) as session:
        now, before = [
            await list_latest_snapshots(
                session, span.start, span.end, platform=platform, account=account
            )
            for span in (period, period_before(period))
        ]
        accounts = [
            one
            for one in await list_coverage(session)
            if platform in (None, one.platform) and account in (None, one.account)
        ]
    asked = [one for one in now if dimension in (None, one.dimension)]
    result = ToolResult(notes=list(_notes_on_silence(accounts, asked, dimension)))
    for snapshot in asked[:MAX_SNAPSHOTS]:
        _add_shares(
            context, result, snapshot, before, MAX_SHARES if dimension else MAX_SHARES_OF_ALL
        )
    if len(asked) > MAX_SNAPSHOTS:
        result.notes.append("there are more accounts and dimensions; name one to read it")
    if asked:
        result.notes.append("what is missing to 100 percent is unknown, or in smaller shares")
    return result.answer(if_empty="" if accounts else "no such account is connected")


def _add_shares(
    context: RunContext,
    result: ToolResult,
    snapshot: Snapshot,
    before: Sequence[Snapshot],
    most: int,
) -> None:
    earlier = find_earlier(snapshot, before)
    names = list_shares(snapshot)
    for name in names[:most]:
        told = [each for each in (snapshot, earlier) if each]
        figures = [share_figure(context.figures, each, name) for each in told]
        result.figures += figures
        result.rows.append(
            {
                "platform": snapshot.platform,
                "account": snapshot.account,
                "dimension": snapshot.dimension,
                "name": name,
                "figures": [figure.id for figure in figures],
            }
        )
    if len(names) > most:
        where = f"{PLATFORM_NAMES[Platform(snapshot.platform)]} ({snapshot.account})"
        result.notes.append(
            f"{where}, {snapshot.dimension}: the largest {most} of {len(names)} shares"
        )


def _notes_on_silence(
    accounts: Sequence[Coverage], told: Sequence[Snapshot], dimension: AudienceDimension | None
) -> Iterator[str]:
    """Yield which accounts told nothing of what was asked."""
    telling = {(one.platform, one.account) for one in told}
    what = f"its audience by {dimension}" if dimension else "who its audience is"
    for account in accounts:
        if (account.platform, account.account) not in telling:
            name = PLATFORM_NAMES[Platform(account.platform)]
            yield f"{name} ({account.account}) did not tell {what} in these days"
