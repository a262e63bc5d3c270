"""From what domain and tools measured to answers; figures are made as agents' tools make them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from api.analytics_models import (
    AccountOut,
    AudiencePartOut,
    CellOut,
    CellPostOut,
    ComparedOut,
    FormOut,
    GrowthOut,
    MetricOut,
    PeriodOut,
    PlaceOut,
    PlatformOut,
    RankedPostOut,
    RateOut,
    SeriesOut,
    ShareOut,
    SlotOut,
)
from api.analytics_query import AnalyticsQuery
from domain.analytics.best_times import Slot, posts_by_cell
from domain.analytics.chart_series import ChartSeries, list_dates
from domain.analytics.content import FormPerformance, RankedBy, Rate
from domain.analytics.metrics import MEANINGS
from domain.analytics.overview import MetricOverview, Overview
from domain.analytics.posts import Post
from domain.analytics.series import Place
from domain.audience import part_name
from domain.figures import Figure, FigureBook
from storage.audience import Snapshot
from storage.models import AudienceDimension, Platform
from tools.audience_figures import find_earlier, list_shares, share_figure
from tools.content_figures import (
    Scope,
    form_figures,
    post_figures,
    post_row,
    rate_figures,
    slot_figures,
    slot_name,
)
from tools.figures import growth_figures, measurement_figures, place_label
from tools.trend_figures import comparison_result

MAX_POSTS_BEHIND = 20
CellPosts = Mapping[tuple[int, int], Sequence[Post]]


def frame(query: AnalyticsQuery) -> dict[str, Any]:
    """Return what every answer begins with."""
    return {
        "period": PeriodOut.of(query.period),
        "previous": PeriodOut.of(query.before) if query.before else None,
        "timezone": query.timezone,
    }


# --- metrics ---


def numbers(query: AnalyticsQuery, overview: Overview) -> dict[str, Any]:
    """Return the fields of an answer about metrics."""
    book = FigureBook()
    return frame(query) | {
        "accounts": [
            AccountOut(platform=Platform(each.platform), account=each.account, source=each.source)
            for each in overview.accounts
        ],
        "dates": list_dates(query.period),
        "previous_dates": list_dates(query.before) if query.before else None,
        "metrics": [_metric(book, query, overview, found) for found in overview.metrics],
    }


def _metric(
    book: FigureBook, query: AnalyticsQuery, overview: Overview, found: MetricOverview
) -> MetricOut:
    meaning = MEANINGS[found.metric]
    places = _Places(book, query, found)
    names = [(each.platform, each.account) for each in overview.accounts]
    if query.account:
        # A platform's name would pass for the whole platform.
        platforms = [
            PlatformOut(**places.fields(Place(platform=name, account=account)), accounts=[])
            for name, account in names
        ]
    else:
        platforms = [
            PlatformOut(
                **places.fields(Place(platform=name)),
                accounts=[
                    PlaceOut(**places.fields(Place(platform=name, account=each)))
                    for each in accounts
                ]
                if len(accounts) > 1
                else [],
            )
            for name, group in groupby(names, key=lambda each: each[0])
            for accounts in [[account for _, account in group]]
        ]
    return MetricOut(
        metric=found.metric,
        label=meaning.label,
        unit=meaning.unit,
        is_level=meaning.is_stock,
        is_unique=meaning.is_unique,
        total=places.total(),
        platforms=platforms,
        notes=found.notes,
    )


class _Places:
    """The figures of a metric by place, as agents' tools write them down."""

    def __init__(self, book: FigureBook, query: AnalyticsQuery, found: MetricOverview) -> None:
        self.book, self.query, self.found = book, query, found
        parts = found.report.parts()
        self.values = dict(
            zip(
                (_place(part) for part in parts),
                measurement_figures(book, found.metric, found.report),
                strict=True,
            )
        )
        self.growth: dict[Place, list[Figure]] = {}
        if found.growth:
            figures = growth_figures(book, found.growth, query.period)
            for number, part in enumerate(found.growth.parts()):
                self.growth[_place(part)] = figures[4 * number : 4 * number + 4]
        self.compared = dict(_compared(book, found))

    def total(self) -> PlaceOut | None:
        """Return all together, or the only place."""
        places = list(self.values)
        whole = [place for place in places if place.platform is None]
        if not whole:
            tops = [place for place in places if place.account is None] or places
            whole = tops if len(tops) == 1 else []
        return PlaceOut(**self.fields(whole[0])) if whole else None

    def fields(self, place: Place) -> dict[str, Any]:
        """Return the fields of a place, with null where nothing is known of it."""
        metric = self.found.metric
        growth = self.growth.get(place)
        return {
            "platform": place.platform,
            "account": place.account,
            "value": self.values.get(place) or self._unknown(place),
            "growth": GrowthOut(change=growth[0], percent=growth[1], start=growth[2], end=growth[3])
            if growth
            else None,
            "compared": self.compared.get((place, False)),
            "compared_level": self.compared.get((place, True)),
            "series": self._series(place, is_level=MEANINGS[metric].is_stock),
        }

    def _unknown(self, place: Place) -> Figure:
        metric = self.found.metric
        return self.book.add(
            f"{MEANINGS[metric].label}, {place_label(place)}",
            None,
            metric=metric,
            unit=MEANINGS[metric].unit,
            platform=place.platform,
            account=place.account,
            start=self.query.period.start,
            end=self.query.period.end,
            observations=0,
        )

    def _series(self, place: Place, *, is_level: bool) -> SeriesOut:
        period, before = self.query.period, self.query.before
        empty = ChartSeries(values=[None] * period.days)
        series = self.found.series.get(place, empty)
        earlier = self.found.series_before.get(place, empty)
        return SeriesOut(
            values=list(series.values),
            preliminary=list(series.preliminary),
            changes=series.changes if is_level else None,
            previous=list(earlier.values) if before else None,
        )


def _compared(
    book: FigureBook, found: MetricOverview
) -> Iterator[tuple[tuple[Place, bool], ComparedOut]]:
    """Yield the comparisons by place, and whether it is one of levels."""
    if found.comparison is None:
        return
    result = comparison_result(book, found.metric, found.comparison)
    figures = {figure.id: figure for figure in result.figures}
    for row in result.rows:
        now, before, change, percent = (figures[number] for number in row["figures"])
        place = Place(platform=row["platform"], account=row["account"])
        yield (
            (place, row["kind"] == "level"),
            ComparedOut(
                is_per_day=row["kind"] == "per_day",
                now=now,
                before=before,
                change=change,
                percent=percent,
            ),
        )


def _place(part: Any) -> Place:
    return Place(platform=part.platform, account=part.account)


# --- posts ---


def rate(scope: Scope, found: Rate) -> RateOut:
    """Return an engagement rate with the number of posts it is of."""
    percent, posts, left_out = rate_figures(scope, found)
    return RateOut(platform=found.platform, rate=percent, posts=posts, left_out=left_out)


def ranked_post(
    book: FigureBook, post: Post, rank_by: RankedBy, query: AnalyticsQuery
) -> RankedPostOut:
    """Return a post with its figures; the first is what it is ranked by."""
    value, *others = post_figures(book, post, rank_by, today=query.today)
    return RankedPostOut(**_post(post), value=value, figures=others)


def form(scope: Scope, found: FormPerformance) -> FormOut:
    """Return what a form of post earns."""
    posts, middle, mean, percent = form_figures(scope, found)
    return FormOut(
        platform=found.platform,
        post_type=found.post_type,
        stands_out=found.stands_out,
        posts=posts,
        median_engagement=middle,
        mean_engagement=mean,
        engagement_rate=percent,
    )


def cells(scope: Scope, grid: Sequence[Slot], posts: Sequence[Post]) -> list[CellOut]:
    """Return the cells of a week with their ranks, and the posts behind them."""
    behind: CellPosts = posts_by_cell(posts)
    ranked = sorted(
        (slot for slot in grid if slot.relative is not None),
        key=lambda slot: (not slot.stands_out, -(slot.relative or 0)),
    )
    ranks = {(slot.weekday, slot.hour): rank for rank, slot in enumerate(ranked, 1)}
    return [_cell(scope, slot, ranks.get((slot.weekday, slot.hour)), behind) for slot in grid]


def best_slot(scope: Scope, slot: Slot) -> SlotOut:
    """Return the time that clearly does best."""
    posts, relative = slot_figures(scope, slot)
    return SlotOut(
        name=slot_name(slot),
        weekday=slot.weekday,
        hour=slot.hour,
        posts=posts,
        relative=relative,
    )


def _cell(scope: Scope, slot: Slot, rank: int | None, behind: CellPosts) -> CellOut:
    weekday, hour = slot.weekday or 0, slot.hour or 0
    return CellOut(
        weekday=weekday,
        hour=hour,
        posts=slot.posts,
        rank=rank,
        relative=slot_figures(scope, slot)[1] if rank else None,
        stands_out=slot.stands_out,
        behind=[
            CellPostOut(**_post(post), engagement=post.engagement)
            for post in behind.get((weekday, hour), ())[:MAX_POSTS_BEHIND]
        ],
    )


def _post(post: Post) -> dict[str, Any]:
    return {"id": post.row.id} | post_row(post) | {"posted_at": post.posted_at}


# --- the audience ---


def audience(
    snapshots: Sequence[Snapshot], earlier: Sequence[Snapshot]
) -> Iterator[AudiencePartOut]:
    """Yield each account's audience by each dimension, with that of the earlier period."""
    book = FigureBook()
    for snapshot in snapshots:
        previous = find_earlier(snapshot, earlier)
        yield AudiencePartOut(
            platform=Platform(snapshot.platform),
            account=snapshot.account,
            dimension=AudienceDimension(snapshot.dimension),
            date=snapshot.date,
            previous_date=previous.date if previous else None,
            shares=[
                ShareOut(
                    name=name,
                    label=part_name(snapshot.dimension, name),
                    percent=share_figure(book, snapshot, name),
                    previous=share_figure(book, previous, name) if previous else None,
                )
                for name in list_shares(snapshot)
            ],
        )
