"""Answers about growth: how followers changed over a period, and which platform did best."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.offline.answers.coverage import accounts_of, parts_of
from agents.offline.answers.nouns import amount, noun
from agents.offline.answers.places import Place, on_place, place_name
from agents.offline.answers.results import Answered, is_pair, top_places
from agents.offline.answers.tables import Column, breakdown, day_columns, places_of
from agents.offline.answers.wording import by_order, listing, number, percent, signed, span_text
from agents.offline.creator import Creator
from agents.offline.dates.spans import ONE_DAY
from agents.offline.questions.cues import ACCOUNTS
from agents.offline.questions.question import Question
from domain.figures import Figure
from storage.models import Metric

CHANGE, PERCENT = "follower_change", "follower_change_percent"
BOTH_ENDS = 2
SEVERAL = 2


@dataclass(frozen=True, kw_only=True)
class GrowthOf:
    """What growth_summary and compare_platforms say about one place."""

    place: Place
    change: Figure
    percent: Figure | None
    levels: tuple[Figure, ...]

    @property
    def gained(self) -> float | None:
        """The followers won, or lost if negative."""
        return self.change.value


def read_growth(answer: Answered) -> dict[Place, GrowthOf]:
    """Return the growth of each place, in the tool's order."""
    percents = answer.figures(PERCENT)
    return {
        place: GrowthOf(
            place=place,
            change=change,
            percent=percents.get(place),
            levels=tuple(
                figure
                for figure in answer.result.figures
                if figure.metric == Metric.FOLLOWERS and (figure.platform, figure.account) == place
            ),
        )
        for place, change in answer.figures(CHANGE).items()
    }


def write_growth(question: Question, answers: Sequence[Answered], creator: Creator) -> list[str]:
    """Return the paragraphs that answer with these summaries."""
    known = [answer for answer in answers if answer.result.figures]
    if not known:
        return [_nothing(answers[0], creator)]
    if ACCOUNTS.search(question.text) and len(question.platforms) == 1:
        sentences = [text for answer in known for text in _accounts(answer, creator)]
    elif is_pair(known) and all(len(top_growth(answer)) == 1 for answer in known):
        sentences = [_pair(question, *known, creator=creator)]
    else:
        sentences = [
            growth_sentence(growth, answer, creator)
            for answer in known
            for growth in top_growth(answer)
        ]
    lead = sentences[0] if len(sentences) == 1 else "\n".join(f"- {text}" for text in sentences)
    columns = growth_columns(known)
    if len(places_of(columns)) <= len({g.place for answer in known for g in top_growth(answer)}):
        return [lead]
    is_summed = len(known) == 1 and top_growth(known[0])[0].gained is not None
    remark = _remark(read_growth(known[0]), creator) if is_summed else ""
    return [lead, breakdown(columns, creator), remark]


def top_growth(answer: Answered) -> list[GrowthOf]:
    """Return the growth that says it all: of everything, of the platform, or of each account."""
    growth = read_growth(answer)
    return [growth[place] for place in top_places(growth)]


def growth_sentence(growth: GrowthOf, answer: Answered, creator: Creator) -> str:
    """Return the change, where it led, and the percent."""
    platform = growth.place[0]
    where = on_place(growth.place, creator, answer.figures(CHANGE))
    what = noun(Metric.FOLLOWERS, platform=platform)
    gained = growth.gained
    if gained is None:
        known = _known_parts(growth, answer, creator)
        return known or f"I don't know how your {what} {where} changed {answer.when}."
    levels = [figure.value for figure in growth.levels if figure.value is not None]
    if gained == 0:
        stayed = f": {number(levels[-1])} at both ends" if levels else ""
        return f"Your {what} {where} did not change {answer.when}{stayed}."
    verb = "gained" if gained > 0 else "lost"
    path = f", from {number(levels[0])} to {number(levels[1])}" if len(levels) == BOTH_ENDS else ""
    shown = amount(Metric.FOLLOWERS, abs(gained), platform)
    return f"You {verb} **{shown}**{in_percent(growth)} {where} {answer.when}{path}."


def _accounts(answer: Answered, creator: Creator) -> list[str]:
    """Return the growth of each account of a platform, the fastest first."""
    rows = read_growth(answer)
    (top,) = top_growth(answer)[:1]
    accounts = [rows[place] for place in parts_of(top.place, rows)]
    if not accounts:
        name = place_name(top.place, creator)
        only = f"There is only one {name} account with follower counts."
        return [f"{only} {growth_sentence(top, answer, creator)}"]
    known = sorted(
        (of for of in accounts if of.gained is not None),
        key=lambda of: -((of.percent.value if of.percent else None) or 0),
    )
    if len(known) < SEVERAL:
        return [growth_sentence(top, answer, creator)]
    return [f"{listing([gained_by(of, creator) for of in known])} {answer.when}."]


def _known_parts(growth: GrowthOf, answer: Answered, creator: Creator) -> str:
    """Return the parts of an unknown sum that are known, and which one is not."""
    rows = read_growth(answer)
    parts = [rows[place] for place in parts_of(growth.place, rows)]
    known = [part for part in parts if part.gained is not None]
    if not known:
        return ""
    unknown = [place_name(part.place, creator) for part in parts if part.gained is None]
    return (
        f"{listing([gained_by(part, creator) for part in known])} {answer.when}; "
        f"for {listing(unknown)} the change is not known."
    )


def gained_by(growth: GrowthOf, creator: Creator) -> str:
    """Return "Instagram gained 10 followers (+2.5%)"."""
    gained = growth.gained or 0
    shown = amount(Metric.FOLLOWERS, abs(gained), growth.place[0])
    way = "lost" if gained < 0 else "gained"
    return f"{place_name(growth.place, creator)} {way} **{shown}**{in_percent(growth)}"


def growth_columns(answers: Sequence[Answered]) -> list[Column]:
    """Return change, percent and the level at the end; only the change for several periods."""
    if len({answer.span for answer in answers}) > 1:
        return [
            Column(
                head=span_text(answer.span) if answer.span else "Change",
                figures=answer.figures(CHANGE),
                text=signed,
            )
            for answer in answers
        ]
    rows = {place: growth for answer in answers for place, growth in read_growth(answer).items()}
    changes = {place: growth.change for place, growth in rows.items()}
    percents = {place: growth.percent for place, growth in rows.items() if growth.percent}
    ends = {place: growth.levels[-1] for place, growth in rows.items() if growth.levels}
    return [
        Column(head="Change", figures=changes, text=signed),
        Column(head="Growth", figures=percents, text=percent),
        Column(head="Followers at the end", figures=ends),
        *day_columns(ends, is_level=True),
    ]


def in_percent(growth: GrowthOf) -> str:
    """Return " (+2.5%)", or nothing where that is unknown."""
    if growth.percent is None or growth.percent.value is None:
        return ""
    return f" ({percent(growth.percent.value)})"


def _remark(growth: dict[Place, GrowthOf], creator: Creator) -> str:
    """Say who brought the most and who lost, where that is not the same for all."""
    platforms = [g for place, g in growth.items() if place[0] and place[1] is None]
    losers = [place_name(g.place, creator) for g in platforms if (g.gained or 0) < 0]
    winners = [g for g in platforms if (g.gained or 0) > 0]
    if not losers or not winners:
        return ""
    if len(losers) + len(winners) < len(platforms):
        return f"{listing(losers)} lost followers."
    return f"{listing(losers)} lost followers while the rest of your audience grew."


def _nothing(answer: Answered, creator: Creator) -> str:
    place = f" {on_place(answer.place, creator)}" if answer.place[0] else ""
    return f"I have no follower counts{place} {answer.when}, so I can't say how you grew."


def _pair(question: Question, one: Answered, other: Answered, *, creator: Creator) -> str:
    """Return how the growth of two periods compares."""
    (first,), (second,) = top_growth(one), top_growth(other)
    if first.gained is None or second.gained is None:
        return f"{growth_sentence(first, one, creator)} {growth_sentence(second, other, creator)}"
    if not _can_compare(first, second, one, other):
        texts = (growth_sentence(first, one, creator), growth_sentence(second, other, creator))
        return f"{' '.join(texts)} I don't compare them, because not all of their days are known."
    if " or " in f"{question.text} " and first.gained < second.gained:
        one, other, first, second = other, one, second, first
    gained = (first.gained or 0, second.gained or 0)
    where = on_place(first.place, creator, one.figures(CHANGE))
    shown = [f"**{signed(g.gained or 0)}**{in_percent(g)}" for g in (first, second)]
    way = by_order(gained, "grew more", "grew less", "grew just as much")
    if max(gained) < 0:
        way = by_order(gained, "lost less", "lost more", "lost just as much")
    than = "as" if first.gained == second.gained else "than"
    return f"You {way} {where} {one.when}, {shown[0]}, {than} {other.when}, {shown[1]}."


def _can_compare(first: GrowthOf, second: GrowthOf, one: Answered, other: Answered) -> bool:
    """Tell whether two periods are known of the same accounts, from end to end."""
    accounts = [
        set(accounts_of(of.place, read_growth(answer)))
        for of, answer in ((first, one), (second, other))
    ]
    return accounts[0] == accounts[1] and all(
        _is_whole(answer, place) for answer in (one, other) for place in accounts[0]
    )


def _is_whole(answer: Answered, place: Place) -> bool:
    """Tell whether a change was counted over all asked days, or all but the last one."""
    change, span = answer.figures(CHANGE)[place], answer.span
    if span is None:
        return True
    # It begins with the close of the day before the period.
    return change.start < span.start and change.end >= span.end - ONE_DAY
