"""How jobs of each kind are done."""

from collections.abc import Mapping

from jobs.execution import Handler

HANDLERS: Mapping[str, Handler] = {}
