"""Best times: the hour, the weekday or both at which posts clearly earn more.

Stricter than the test that answers a creator's question. What passes is checked by that one, too:
an insight never claims what an agent that is asked would not confirm.
"""

from collections.abc import Iterator

from domain.analytics.best_times import MIN_POSTS, Slot, list_slots, places_by_slot
from domain.analytics.posts import relative_logs
from domain.insights.candidates import Candidate, Detector, claim_confidence
from domain.insights.evidence import Evidence
from domain.insights.groups import (
    LEAST_RELATIVE,
    clear_groups,
    effect_of,
    ids_of,
    relative_figures,
)
from domain.insights.rules import RULES

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def find_best_time(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the weekday and hour, or the whole one of them, that clearly does best."""
    known, values = relative_logs(evidence.posts)
    limit = RULES[Detector.BEST_TIME].chance
    clear = clear_groups(values, places_by_slot(known), limit, least=MIN_POSTS)
    if not clear or evidence.is_told(_finding(*key) for key in clear):
        return  # what was told still holds, and the tests below take their time
    slots = [slot for slot in list_slots(evidence.posts) if slot.stands_out]
    slot = next((slot for slot in slots if (slot.weekday, slot.hour) in clear), None)
    if slot is None or (slot.relative or 0) < LEAST_RELATIVE:
        return
    figures = relative_figures(slot_name(slot), slot.posts, slot.relative or 0, evidence.posts)
    yield Candidate(
        detector=Detector.BEST_TIME,
        finding=_finding(slot.weekday, slot.hour),
        effect=effect_of(slot.relative or 0),
        confidence=claim_confidence(clear[slot.weekday, slot.hour], limit),
        facts={"slot": slot_name(slot), **ids_of(figures)},
        figures=[*figures.values()],
    )


def slot_name(slot: Slot) -> str:
    """Return "Thursday 18:00", "Thursday" or "18:00"; an hour begins there."""
    day = "" if slot.weekday is None else WEEKDAYS[slot.weekday]
    hour = "" if slot.hour is None else f"{slot.hour:02}:00"
    return f"{day} {hour}".strip()


def _finding(weekday: int | None, hour: int | None) -> str:
    return f"{Detector.BEST_TIME}:{weekday}:{hour}"
