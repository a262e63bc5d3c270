"""A title, a message and what to do, for what each detector finds; plain text, no Markdown."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agents.offline.answers.wording import date_text, listing
from domain.analytics.metrics import MEANINGS
from domain.analytics.series import platform_name
from domain.insights.candidates import Detector
from domain.insights.grounding import plain_name
from storage.models import Metric

Facts = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Words:
    """What an insight says; `{{f103}}` stands for the value of a figure."""

    title: str
    message: str
    actions: Sequence[str] = ()


def write_growth(facts: Facts) -> Words:
    """Write that a number grows, or has picked up."""
    return Words(
        title=_title(facts, of_pace="picked up", of_trend="grew"),
        message=_joined(_movement(facts), _others(facts)),
        actions=["Look at what you changed before it began, and do more of it."],
    )


def write_drop(facts: Facts) -> Words:
    """Write that a number falls, or has slowed down."""
    return Words(
        title=_title(facts, of_pace="slowed down", of_trend="fell"),
        message=_joined(_movement(facts), _others(facts)),
        actions=[
            "Compare your latest posts with those from before: how many, which form, what time.",
            "Try the form that does best for you again this week.",
        ],
    )


def write_anomaly(facts: Facts) -> Words:
    """Write about a day or a week unlike the others."""
    is_up, is_day = facts["direction"] == "up", facts["span"] == "day"
    span = "day" if is_day else "week"
    when = f"on {_date(facts['end'])}" if is_day else f"in the week up to {_date(facts['end'])}"
    value, usual = _value(facts, "value"), _value(facts, "usual")
    if _is_followers(facts):
        message = (
            f"The followers of {_place(facts)} changed by {value} {when}; "
            f"{usual} in a {span} is usual."
        )
    else:
        message = f"{_place(facts)} had {_counted(facts, 'value')} {when}; {usual} is usual."
    if is_up and "times" in facts:
        message += f" That is {_value(facts, 'times')} times the usual."
    return Words(
        title=_anomaly_title(facts, span),
        message=_joined(message, _others(facts)),
        actions=[_ANOMALY_ACTIONS[facts["direction"]]],
    )


_ANOMALY_ACTIONS = {
    "up": "Find the post behind it, answer its comments, and follow it up soon.",
    "down": "Check whether a post was not shown, or whether numbers came in late.",
    "lost": "Look at what you posted last, and read what people wrote under it.",
}


def _anomaly_title(facts: Facts, span: str) -> str:
    where = _platform(facts)
    match facts["direction"], _is_followers(facts):
        case "lost", _:
            return f"You lost followers on {where}"
        case "up", True:
            return f"Unusually many new followers on {where}"
        case "down", True:
            return f"Unusually few new followers on {where}"
        case "up", _:
            return f"An unusually good {span} on {where}"
    return f"An unusually quiet {span} on {where}"


def write_best_time(facts: Facts) -> Words:
    """Write about the hour, the weekday, or both that do best."""
    slot = facts["slot"]
    day, _, hour = slot.partition(" ")
    if ":" in day:
        day, hour = "", day
    when = " ".join(filter(None, (f"on {day}s" if day else "", f"at {hour}" if hour else "")))
    return Words(
        title=f"Posts {when} do best",
        message=(
            f"Your {_value(facts, 'posts')} posts {when} earned {_value(facts, 'times')} times "
            "the engagement that is usual for their kind. That is more than chance explains."
        ),
        actions=[f"Keep your strongest ideas for posts {when}."],
    )


def write_best_format(facts: Facts) -> Words:
    """Write about the form of post that beats the others."""
    best, rival = _plural(facts["form"]), _plural(facts["rival_form"])
    where = _platform(facts)
    return Words(
        title=f"{best[:1].upper()}{best[1:]} do best on {where}",
        message=(
            f"The median of your {_value(facts, 'posts')} {best} on {where} is "
            f"{_value(facts, 'best')} engagements; that of {rival} is {_value(facts, 'rival')}. "
            "That is more than chance explains."
        ),
        actions=[f"Plan more {best} for {where}, and see whether it holds."],
    )


def write_topic(facts: Facts) -> Words:
    """Write about a subject that does well."""
    topic = f"“{plain_name(facts['topic'])}”"
    return Words(
        title=f"Posts about {topic} do well",
        message=(
            f"Your {_value(facts, 'posts')} posts of the last months with {topic} earned "
            f"{_value(facts, 'times')} times the engagement that is usual for their kind. "
            "That is more than chance explains."
        ),
        actions=[f"Come back to {topic} this week, from another side."],
    )


def write_concentration(facts: Facts) -> Words:
    """Write that most comes from a single platform now."""
    where, noun = _platform(facts), _noun(facts)
    return Words(
        title=f"Most of your {noun} now come from {where}",
        message=(
            f"{where} brought {_value(facts, 'now')} of your {noun} lately, "
            f"and {_value(facts, 'before')} before."
        ),
        actions=["Invite the people there to another place where you publish, too."],
    )


def write_goal_pace(facts: Facts) -> Words:
    """Write that a goal is out of reach at its pace, or safe."""
    goal, noun = f"“{plain_name(facts['goal'])}”", _noun(facts)
    pace = (
        f"It stands at {_value(facts, 'current')} of {_value(facts, 'target')} {noun}. "
        f"Lately it moved by {_value(facts, 'pace')} a day; {_value(facts, 'needed')} a day are "
        f"needed to get there by {_date(facts['due'])}."
    )
    if facts["state"] == "behind":
        return Words(
            title=f"{goal} is behind its pace",
            message=f"{pace} Even your best week of late would not be enough.",
            actions=[
                "Decide what you can do more of until then.",
                "Or move the due date, so that the goal stays worth working for.",
            ],
        )
    return Words(
        title=f"{goal} is well on its way",
        message=f"{pace} Even your slowest week of late would be enough.",
        actions=["Keep your rhythm."],
    )


def write_milestone(facts: Facts) -> Words:
    """Write that a part of the way to a goal, or all of it, is done."""
    goal, noun = f"“{plain_name(facts['goal'])}”", _noun(facts)
    if facts["state"] == "reached":
        return Words(
            title=f"You reached {goal}",
            message=f"{_value(facts, 'value')} {noun}: your goal {goal} is reached.",
            actions=["Set the next goal while it is fresh."],
        )
    return Words(
        title=f"A milestone on the way to {goal}",
        message=(
            f"You have come {_value(facts, 'percent')} of the way to {goal}: it stood at "
            f"{_value(facts, 'value')} {noun}, and {_value(facts, 'target')} is the target."
        ),
    )


def write_connection(facts: Facts) -> Words:
    """Write that an account needs a hand."""
    place, where = _place(facts), _platform(facts)
    last = f"The last numbers are of {_date(facts['last_day'])}" if "last_day" in facts else ""
    ago = f", {_value(facts, 'days')} days ago" if "days" in facts else ""
    seen = f"{last}{ago}." if last else "No numbers have come from it yet."
    match facts["state"]:
        case "needs_reconnect":
            return Words(
                title=f"Connect {where} again",
                message=f"{place} does not let us read its numbers any more. {seen}",
                actions=[f"Sign in to {where} again under your connections."],
            )
        case "expiring":
            return Words(
                title=f"The connection to {where} runs out soon",
                message=f"{place} has to be signed in to again, or its numbers will stop. {seen}",
                actions=[f"Sign in to {where} again under your connections."],
            )
        case _ if facts["source"] == "import":
            return Words(
                title=f"Your numbers of {where} are getting old",
                message=f"{place} is known from files that you imported. {seen}",
                actions=[f"Export your numbers from {where} again, and import the file."],
            )
    return Words(
        title=f"No new numbers from {where}",
        message=f"{place} has brought nothing of late. {seen}",
        actions=["Check the connection, and sync it once by hand."],
    )


WRITERS: Mapping[Detector, Callable[[Facts], Words]] = {
    Detector.GROWTH: write_growth,
    Detector.DROP: write_drop,
    Detector.ANOMALY: write_anomaly,
    Detector.BEST_TIME: write_best_time,
    Detector.BEST_FORMAT: write_best_format,
    Detector.TOPIC: write_topic,
    Detector.CONCENTRATION: write_concentration,
    Detector.GOAL_PACE: write_goal_pace,
    Detector.MILESTONE: write_milestone,
    Detector.CONNECTION: write_connection,
}


def _movement(facts: Facts) -> str:
    now, before, place = _value(facts, "now"), _value(facts, "before"), _place(facts)
    match facts["kind"], facts.get("turn", ""):
        case "pace", "faster" | "slower":
            return (
                f"{place} gained {now} followers in an average week of the last month; "
                f"before, it was {before}."
            )
        case "pace", turn if turn:
            return (
                f"The followers of {place} changed by {now} in an average week of the last month; "
                f"before, it was {before}."
            )
    change = f" That is a change of {_value(facts, 'percent')}." if "percent" in facts else ""
    if facts["kind"] == "pace":
        return (
            f"{place} had {_counted(facts, 'now')} in an average week of the last month; "
            f"before, it was {before}.{change}"
        )
    since = _date(facts["since"])
    if _is_followers(facts):
        return f"{place} went from {before} followers on {since} to {now}.{change}"
    return (
        f"{place} had {_counted(facts, 'before')} in an average week of the month from {since}, "
        f"and {now} in one of the last month.{change}"
    )


_TITLES_OF_TURNS = {
    "faster": "You gain followers faster on {}",
    "slower": "You gain followers more slowly on {}",
    "gaining_again": "You gain followers again on {}",
    "losing": "You are losing followers on {}",
    "losing_less": "You lose fewer followers on {}",
    "losing_more": "You lose more followers on {}",
}


def _title(facts: Facts, *, of_pace: str, of_trend: str) -> str:
    if title := _TITLES_OF_TURNS.get(facts.get("turn", "")):
        return title.format(_platform(facts))
    verb = of_pace if facts["kind"] == "pace" else of_trend
    return f"Your {_noun(facts)} on {_platform(facts)} {verb}"


def _others(facts: Facts) -> str:
    others = facts.get("also", "").split(", ") if facts.get("also") else []
    return f"The same goes for {listing(others)}." if others else ""


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _is_followers(facts: Facts) -> bool:
    return facts["metric"] == Metric.FOLLOWERS


def _noun(facts: Facts) -> str:
    return MEANINGS[Metric(facts["metric"])].label


def _counted(facts: Facts, name: str) -> str:
    """Return "1,200 views", "1,200 minutes of watch time", "a reach of 1,200"."""
    noun, value = _noun(facts), _value(facts, name)
    if facts["metric"] == Metric.REACH:
        return f"a {noun} of {value}"
    is_time = MEANINGS[Metric(facts["metric"])].unit == "minutes"
    return f"{value} minutes of {noun}" if is_time else f"{value} {noun}"


def _platform(facts: Facts) -> str:
    return platform_name(facts.get("platform"))


def _place(facts: Facts) -> str:
    return f"{_platform(facts)} ({plain_name(facts['account'])})"


def _plural(form: str) -> str:
    if form == "post":
        return "plain posts"
    if form.endswith("y"):
        return f"{form[:-1]}ies"
    return form if form.endswith("s") else f"{form}s"


def _date(day: str) -> str:
    return date_text(dt.date.fromisoformat(day)) if day else "its due day"


def _value(facts: Facts, name: str) -> str:
    return f"{{{{{facts[name]}}}}}"
