"""Answers about how numbers move: change, trend, forecast, concentration, and what to do next."""

import datetime as dt

from agents.offline.answers.nouns import label
from agents.offline.answers.places import on_place, place_name
from agents.offline.answers.results import Answered, Results
from agents.offline.answers.rows import Row, rows_of, shown
from agents.offline.answers.wording import date_text, listing, percent, signed, span_text, table
from agents.offline.creator import Creator
from agents.offline.dates.spans import Span
from domain.figures import Figure
from storage.models import Metric

NOW, BEFORE, CHANGE, PERCENT = range(4)


def write_periods(answer: Answered, creator: Creator) -> list[str]:
    """Return how a period compares with the one before."""
    rows = [row for row in rows_of(answer) if len(row.labelled_figures) > PERCENT]
    if not rows:
        return [f"There is nothing to compare {answer.when}."]
    counted = [row for row in rows if row.text("kind") != "level"]
    lead = _compared(counted[0], answer, creator)
    if len(counted) == 1:
        return [lead]
    cells = [
        [place_name(_place(row), creator), *(_cell(row, n) for n in (NOW, BEFORE, CHANGE, PERCENT))]
        for row in counted
        if row.text("platform")
    ]
    heads = ["Platform", "Now", "Before", "Change", "In percent"]
    return [lead, table(heads, cells) if cells else ""]


def write_trends(answer: Answered, creator: Creator) -> list[str]:
    """Return the trends that are clear, and where none is."""
    rows = list(rows_of(answer))
    clear = [row for row in rows if row.labelled_figures]
    noun = label(answer.metric, None)
    if not clear:
        lead = f"No trend in your {noun} is clear {answer.when}: week by week they go up and down "
        return [f"{lead}without a direction that chance could not explain."]
    sentences = [_trend(row, noun, creator) for row in clear]
    unclear = [place_name(_place(row), creator) for row in rows if not row.labelled_figures]
    if unclear:
        sentences.append(f"No clear trend: {listing(unclear)}.")
    return ["\n".join(f"- {sentence}" for sentence in sentences)]


def write_forecast(answer: Answered, creator: Creator) -> list[str]:
    """Return what is expected, always with its range."""
    rows = [row for row in rows_of(answer) if row.labelled_figures]
    known = [row for row in rows if row.labelled_figures[0].value is not None]
    if not known:
        return ["I have no forecast: too few days are known."]
    chance = [f for f in answer.result.figures if f.metric == "forecast_interval_percent"]
    share = f", a range that holds in {shown(chance[0])} of such cases" if chance else ""
    first = known[0]
    value, low, high = first.labelled_figures[:3]
    until = date_text(dt.date.fromisoformat(first.text("end")))
    noun, where = label(answer.metric, first.text("platform") or None), _on(first, creator)
    kind = "On" if first.text("kind") == "level" else "From tomorrow to"
    lead = (
        f"{kind} {until} I expect **{shown(value)}** {noun}{where}, between {shown(low)} and "
        f"{shown(high)}{share}."
    )
    if len(known) == 1:
        return [lead]
    cells = [
        [place_name(_place(row), creator), *(shown(figure) for figure in row.labelled_figures[:3])]
        for row in known
        if row.text("platform")
    ]
    return [lead, table(["Platform", "Forecast", "Low", "High"], cells)]


def write_concentration(answer: Answered, creator: Creator) -> list[str]:
    """Return each platform's share, and whether one dominates."""
    rows = [row for row in rows_of(answer) if len(row.labelled_figures) > 1]
    if not rows:
        return [f"There are no shares to tell {answer.when}."]
    noun = label(Metric(answer.args.get("metric", Metric.ENGAGEMENT)), None)
    dominant = next((row for row in rows if row.fields.get("dominates")), None)
    if dominant:
        lead = (
            f"**{place_name(_place(dominant), creator)}** dominates: "
            f"**{shown(dominant.labelled_figures[1])}** of your {noun} {answer.when} come from it."
        )
    else:
        lead = f"No platform dominates your {noun} {answer.when}: none has more than half."
    cells = [
        [place_name(_place(row), creator), *(shown(figure) for figure in row.labelled_figures[:2])]
        for row in rows
    ]
    return [lead, table(["Platform", noun.capitalize(), "Share"], cells)]


def write_next_steps(results: Results, creator: Creator) -> list[str]:
    """Return what to look at next, from trends and shares."""
    trends = [row for answer in results.of("find_trends") for row in rows_of(answer)]
    falling = [row for row in trends if row.text("trend") == "down" and row.labelled_figures]
    rising = [row for row in trends if row.text("trend") == "up" and row.labelled_figures]
    shares = [row for answer in results.of("concentration") for row in rows_of(answer)]
    steps = [f"**Look at {_named(row, creator)} first**: {_fall(row)}" for row in falling]
    steps += [f"**Go on with {_named(row, creator)}**: it clearly grows." for row in rising]
    steps += [
        f"**Don't lean on {_named(row, creator)} alone**: {shown(row.labelled_figures[1])} of "
        "your engagement come from it."
        for row in shares
        if row.fields.get("dominates")
    ]
    if not steps:
        steps = ["Nothing calls for a change: no trend is clear and no platform dominates."]
    listed = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
    return [f"What your numbers suggest:\n\n{listed}"]


def _compared(row: Row, answer: Answered, creator: Creator) -> str:
    now, before, change, in_percent = row.labelled_figures[: PERCENT + 1]
    platform = row.text("platform") or None
    noun = label(answer.metric, platform)
    per_day = " a day" if row.text("kind") == "per_day" else ""
    what = f"gained {noun}" if answer.metric is Metric.FOLLOWERS else noun
    values = f"**{shown(now)}** in {_days(now)}, {shown(before)} in {_days(before)}."
    lead = f"{what.capitalize()}{per_day}{_on(row, creator)}: {values}"
    if change.value is None:
        return lead
    share = "" if in_percent.value is None else f" ({percent(in_percent.value)})"
    return f"{lead} That is a change of **{signed(change.value)}**{share}."


def _cell(row: Row, place: int) -> str:
    figure = row.labelled_figures[place]
    if figure.value is None:
        return shown(figure)
    if place == PERCENT:
        return percent(figure.value)
    return signed(figure.value) if place == CHANGE else shown(figure)


def _trend(row: Row, noun: str, creator: Creator) -> str:
    step, weeks = row.labelled_figures[0], row.labelled_figures[2]
    first, last = row.labelled_figures[3:5]
    direction = "**up**" if row.text("trend") == "up" else "**down**"
    return (
        f"{place_name(_place(row), creator)}: {noun} go {direction}, {signed(step.value or 0)} a "
        f"week over {shown(weeks)} weeks, from {shown(first)} to {shown(last)}."
    )


def _fall(row: Row) -> str:
    return f"it clearly falls, by {signed(row.labelled_figures[0].value or 0)} a week."


def _named(row: Row, creator: Creator) -> str:
    return place_name(_place(row), creator)


def _place(row: Row) -> tuple[str | None, str | None]:
    return row.text("platform") or None, row.text("account") or None


def _on(row: Row, creator: Creator) -> str:
    return f" {on_place(_place(row), creator)}" if row.text("platform") else ""


def _days(figure: Figure) -> str:
    return span_text(Span(start=figure.start, end=figure.end))
