"""How jobs of each kind are done."""

from collections.abc import Mapping

from jobs.execution import Handler
from jobs.insights import HANDLER, INSIGHTS
from jobs.plans import plan_handlers

HANDLERS: Mapping[str, Handler] = {**plan_handlers(), INSIGHTS.name: HANDLER}
