"""Answers about growth: how followers changed over a period, and which platform did best."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.offline.answers.metrics import because_unknown
from agents.offline.answers.nouns import amount, noun
from agents.offline.answers.places import Place, on_place, place_name
from agents.offline.answers.results import Answered, is_pair, top_places
from agents.offline.answers.tables import Column, breakdown, places_of
from agents.offline.answers.wording import by_order, listing, number, percent, signed, span_text
from agents.offline.creator import Creator
from agents.offline.questions.question import Question
from domain.figures import Figure
from storage.models import Metric

CHANGE, PERCENT = "follower_change", "follower_change_percent"
BOTH_ENDS = 2


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
    if is_pair(known) and all(len(top_growth(answer)) == 1 for answer in known):
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
    remark = _remark(read_growth(known[0]), creator) if len(known) == 1 else ""
    return [lead, breakdown(columns, creator), remark]


def top_growth(answer: Answered) -> list[GrowthOf]:
    """Return the growth that says it all: of everything, of the platform, or of each account."""
    growth = read_growth(answer)
    return [growth[place] for place in top_places(growth)]


def growth_sentence(growth: GrowthOf, answer: Answered, creator: Creator) -> str:
    """Return the change, where it led, and the percent."""
    platform, where = growth.place[0], on_place(growth.place, creator)
    what = noun(Metric.FOLLOWERS, platform=platform)
    gained = growth.gained
    if gained is None:
        reason = because_unknown(answer.figures(CHANGE), creator)
        return f"I don't know how your {what} {where} changed {answer.when}{reason}."
    levels = [figure.value for figure in growth.levels if figure.value is not None]
    if gained == 0:
        stayed = f": {number(levels[-1])} at both ends" if levels else ""
        return f"Your {what} {where} did not change {answer.when}{stayed}."
    verb = "gained" if gained > 0 else "lost"
    path = f", from {number(levels[0])} to {number(levels[1])}" if len(levels) == BOTH_ENDS else ""
    shown = amount(Metric.FOLLOWERS, abs(gained), platform)
    return f"You {verb} **{shown}**{in_percent(growth)} {where} {answer.when}{path}."


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
    if " or " in f"{question.text} " and first.gained < second.gained:
        one, other, first, second = other, one, second, first
    gained = (first.gained or 0, second.gained or 0)
    where = on_place(first.place, creator)
    shown = [f"**{signed(g.gained or 0)}**{in_percent(g)}" for g in (first, second)]
    way = by_order(gained, "grew more", "grew less", "grew just as much")
    if max(gained) < 0:
        way = by_order(gained, "lost less", "lost more", "lost just as much")
    than = "as" if first.gained == second.gained else "than"
    return f"You {way} {where} {one.when}, {shown[0]}, {than} {other.when}, {shown[1]}."
