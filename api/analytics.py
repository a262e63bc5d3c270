"""A creator's numbers for charts and tables; they are those that the agents answer with."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, FiniteFloat, TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from api import analytics_answers as answers
from api.analytics_models import (
    AudienceOut,
    ContentOut,
    EngagementOut,
    NumbersOut,
    TimesOut,
)
from api.analytics_query import AnalyticsQuery, AnalyticsQueryDep
from api.deps import CurrentUserDep, SuiteDep
from api.errors import problems
from api.etags import NOT_MODIFIED, build_etag, is_known, not_modified, tagged
from api.pages import Cursor, InvalidCursorError, Limit, decode_cursor, split_page
from core.errors import UnauthenticatedError
from domain.analytics import best_times, content
from domain.analytics.content import Order, RankedBy, RankPlace
from domain.analytics.growth import InvalidPeriodError
from domain.analytics.overview import AccountNotFoundError, Overview, check_account, report_overview
from domain.analytics.posts import Post
from domain.figures import FigureBook
from storage.analytics_version import find_analytics_version
from storage.audience import Snapshot, list_latest_snapshots
from storage.models import Metric
from tools.asked_posts import AskedPosts, count_posts, read_posts
from tools.content_figures import concentration_figures

Found = TypeVar("Found")
BY_RANK: TypeAdapter[tuple[RankedBy, Order, float, dt.datetime, UUID]] = TypeAdapter(
    tuple[RankedBy, Order, FiniteFloat, AwareDatetime, UUID]
)

router = APIRouter(
    prefix="/api/analytics",
    tags=["Analytics"],
    responses=problems(UnauthenticatedError, InvalidPeriodError, AccountNotFoundError)
    | NOT_MODIFIED,
)

MAIN_METRICS = (
    Metric.FOLLOWERS, Metric.ENGAGEMENT, Metric.REACH, Metric.VIEWS, Metric.POSTS,
)  # fmt: skip
OTHER_METRICS = (Metric.WATCH_TIME_MINUTES, Metric.STREAMS, Metric.LISTENERS)
MAIN_ENGAGEMENT = (Metric.ENGAGEMENT, Metric.REACH, Metric.VIEWS)
PARTS_OF_ENGAGEMENT = (Metric.LIKES, Metric.COMMENTS, Metric.SHARES, Metric.SAVES)


class Asking:
    """One request: who asks what. It is answered from one short session, or with 304."""

    def __init__(
        self, request: Request, suite: SuiteDep, user: CurrentUserDep, query: AnalyticsQueryDep
    ) -> None:
        self.request, self.suite, self.user, self.query = request, suite, user, query

    async def answer(
        self,
        read: Callable[[AsyncSession, AnalyticsQuery], Awaitable[Found]],
        build: Callable[[AnalyticsQuery, Found], BaseModel],
        *,
        is_slow: bool = False,
    ) -> Response:
        """Answer with what `build` makes of what `read` finds; slow building is for a thread."""
        async with self.suite.database.user_session(self.user.id) as session:
            etag = await self._find_etag(session)
            if is_known(self.request, etag):
                return not_modified(etag)
            found = await read(session, self.query)
        body = (
            await asyncio.to_thread(build, self.query, found)
            if is_slow
            else build(self.query, found)
        )
        return tagged(body.model_dump_json(by_alias=True), etag)

    async def _find_etag(self, session: AsyncSession) -> str:
        """Return a tag that changes with the data, the day and the question, and else never."""
        url, query = self.request.url, self.query
        version = await find_analytics_version(session)
        return build_etag(
            self.user.id, version, url.path, url.query, str(query.today), query.timezone
        )


AskingDep = Annotated[Asking, Depends()]


@router.get("/overview", summary="Get my main numbers", response_model=NumbersOut)
async def get_overview(asking: AskingDep) -> Response:
    """Followers, engagement, reach, views and posts, with a series for each day.

    Watch time, streams and listeners are added if you have ever known them. A total over several
    accounts is null when one of them is unknown.
    """
    return await asking.answer(
        _reading(MAIN_METRICS, OTHER_METRICS),
        lambda query, found: NumbersOut(**answers.numbers(query, found)),
    )


@router.get("/growth", summary="Get how my followers changed", response_model=NumbersOut)
async def get_growth(asking: AskingDep) -> Response:
    """Followers per day, their daily changes, and the growth over the period.

    Growth starts from the close of the day before the period, so that adjacent periods add up.
    """
    return await asking.answer(
        _reading((Metric.FOLLOWERS,)),
        lambda query, found: NumbersOut(**answers.numbers(query, found)),
    )


@router.get("/engagement", summary="Get my engagement", response_model=EngagementOut)
async def get_engagement(asking: AskingDep) -> Response:
    """Engagement, reach and views per day, the parts of engagement, and engagement rates.

    Rates are of the posts that went out in the period, by your time zone's days.
    """

    async def read(session: AsyncSession, query: AnalyticsQuery) -> tuple[Overview, AskedPosts]:
        overview = await _reading(MAIN_ENGAGEMENT, PARTS_OF_ENGAGEMENT)(session, query)
        return overview, await _read_posts(session, query)

    return await asking.answer(read, _engagement)


@router.get(
    "/content",
    summary="Rank my posts",
    response_model=ContentOut,
    responses=problems(InvalidPeriodError, InvalidCursorError),
)
async def get_content(
    asking: AskingDep,
    rank_by: Annotated[RankedBy, Query(description="What posts are ranked by.")] = "engagement",
    order: Annotated[
        Order,
        Query(description="`worst` leaves out posts of today and yesterday: they still earn."),
    ] = "best",
    post_type: Annotated[
        str | None, Query(max_length=200, description="Only this form: reel, photo, video, …")
    ] = None,
    limit: Limit = 10,
    cursor: Cursor = None,
) -> Response:
    """Posts of the period, by rank, with their figures; of equal ones the newest comes first.

    Posts without the value they are ranked by are left out, and counted in the notes. The first
    page also tells what each form of post earns.
    """
    place = decode_cursor(cursor, BY_RANK)
    if place and place[:2] != (rank_by, order):
        raise InvalidCursorError
    after = RankPlace(value=place[2], posted_at=place[3], post_id=place[4]) if place else None

    def place_of(post: Post) -> tuple[object, ...]:
        return rank_by, order, content.value_of(post, rank_by), post.row.posted_at, post.row.id

    async def read(session: AsyncSession, query: AnalyticsQuery) -> AskedPosts:
        return await _read_posts(session, query, post_type=post_type)

    def build(query: AnalyticsQuery, asked: AskedPosts) -> ContentOut:
        found = asked.settled() if order == "worst" else asked
        ranked = content.rank_posts(found.posts, rank_by, order)
        rest = content.rank_after(ranked, rank_by, order, after) if after else ranked
        page, following = split_page(rest, limit, place_of)
        notes = list(found.notes)
        if unknown := len(found.posts) - len(ranked):
            notes.append(f"{count_posts(unknown)} not ranked, since {rank_by} is unknown")
        shares = concentration_figures(found.scope, found.posts)
        compared = asked.settled()
        return ContentOut(
            **answers.frame(query),
            items=[answers.ranked_post(found.scope.book, post, rank_by, query) for post in page],
            next=following,
            posts=len(found.posts),
            share_of_top=shares[0] if shares else None,
            forms=None
            if after
            else [
                answers.form(compared.scope, each) for each in content.compare_forms(compared.posts)
            ],
            notes=notes,
        )

    return await asking.answer(read, build, is_slow=True)


@router.get("/times", summary="Get the times at which my posts do best", response_model=TimesOut)
async def get_times(
    asking: AskingDep,
    post_type: Annotated[
        str | None, Query(max_length=200, description="Only this form: reel, photo, video, …")
    ] = None,
) -> Response:
    """Weekdays and hours of your clock, with the posts behind each; give it half a year or more.

    Posts are compared with those of their account and form around them. A cell with fewer than
    three posts has no rank, and `best` is null unless a time is clearly better than chance.
    """

    async def read(session: AsyncSession, query: AnalyticsQuery) -> AskedPosts:
        return await _read_posts(session, query, post_type=post_type)

    return await asking.answer(read, _times, is_slow=True)


@router.get("/audience", summary="Get who follows me", response_model=AudienceOut)
async def get_audience(asking: AskingDep) -> Response:
    """Shares of age groups, genders, countries and cities, as each account last knew them.

    `items` is empty where no platform has told any in the period.
    """

    async def read(session: AsyncSession, query: AnalyticsQuery) -> list[list[Snapshot]]:
        await _check_account(session, query)
        return [
            await list_latest_snapshots(
                session, span.start, span.end, platform=query.platform, account=query.account
            )
            for span in (query.period, query.before)
            if span
        ]

    return await asking.answer(read, _audience)


def _reading(
    main: Sequence[Metric], others: Sequence[Metric] = ()
) -> Callable[[AsyncSession, AnalyticsQuery], Awaitable[Overview]]:
    async def read(session: AsyncSession, query: AnalyticsQuery) -> Overview:
        return await report_overview(
            session,
            main,
            query.period,
            query.before,
            if_known=others,
            platform=query.platform,
            account=query.account,
        )

    return read


async def _read_posts(
    session: AsyncSession, query: AnalyticsQuery, *, post_type: str | None = None
) -> AskedPosts:
    await _check_account(session, query)
    return await read_posts(
        session,
        query.period,
        book=FigureBook(),
        today=query.today,
        timezone=query.timezone,
        platform=query.platform,
        account=query.account,
        post_type=post_type,
    )


async def _check_account(session: AsyncSession, query: AnalyticsQuery) -> None:
    if query.account:
        await check_account(session, query.account, platform=query.platform)


def _engagement(query: AnalyticsQuery, found: tuple[Overview, AskedPosts]) -> EngagementOut:
    overview, asked = found
    rates = content.engagement_rates(asked.posts)
    return EngagementOut(
        **answers.numbers(query, overview),
        rates=[answers.rate(asked.scope, each) for each in rates],
    )


def _times(query: AnalyticsQuery, asked: AskedPosts) -> TimesOut:
    settled = asked.settled()
    slots = best_times.list_slots(settled.posts)
    best = best_times.find_best(slots)
    settled.note_unknown()
    if undated := sum(post.hour is None for post in settled.posts):
        settled.notes.append(f"{count_posts(undated)} in no cell: only the day is known")
    if slots and all(slot.relative is None for slot in slots):
        settled.notes.append("no weekday and hour has enough posts; a longer period may help")
    elif slots and best is None:
        settled.notes.append("no time clearly does better than the others")
    return TimesOut(
        **answers.frame(query),
        best=answers.best_slot(settled.scope, best) if best else None,
        cells=answers.cells(settled.scope, best_times.build_grid(slots), settled.posts),
        notes=settled.notes,
    )


def _audience(query: AnalyticsQuery, found: Sequence[Sequence[Snapshot]]) -> AudienceOut:
    now, *before = found
    earlier = before[0] if before else []
    return AudienceOut(
        **answers.frame(query),
        items=list(answers.audience(now, earlier)),
        notes=[] if now else ["nothing is known of your audience in this period"],
    )
