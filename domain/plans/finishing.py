"""The last step of a plan: figures are written where their references stand."""

import re

from domain.plans.plan import Plan
from domain.plans.texts import Grounding, map_texts

_REFERENCE = re.compile(r"\{\{\s*(f\d+)\s*\}\}", re.IGNORECASE)


def finish_plan(plan: Plan, locale: str) -> Plan:
    """Return the plan as it is shown, in order of time, with the figures that it names."""
    grounding = Grounding(plan.figures, locale, said="", names=[])
    named: set[str] = set()

    def fill(text: str) -> str:
        named.update(name.lower() for name in _REFERENCE.findall(text))
        return grounding.fill(text)

    filled = map_texts(plan, fill)
    for parts in (plan.goals, plan.pillars, plan.items, plan.metrics):
        named |= {part.figure for part in parts if part.figure}
    items = sorted(filled.items, key=lambda item: (item.date, item.time, item.platform))
    figures = [figure for figure in plan.figures if figure.id in named]
    return filled.model_copy(update={"items": items, "figures": figures})
