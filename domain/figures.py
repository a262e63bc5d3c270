"""Figures: every number that an answer may use, with where it comes from."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Unit = Literal["count", "minutes", "percent", "days"]
# final: every day of the span is counted. partial: some day is missing. preliminary: some day is
# still being counted. forecast: the span lies ahead, and the observations are the days of history
# behind the number. unavailable: nothing is known, and the value is null.
FigureStatus = Literal["final", "partial", "preliminary", "forecast", "unavailable"]


class Figure(BaseModel):
    """One number with its source: what, where, of which days, and from how many observations."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    id: str
    label: str
    value: int | float | None
    unit: Unit = "count"
    metric: str
    platform: str | None = None
    account: str | None = None
    start: dt.date = Field(serialization_alias="from", validation_alias="from")
    end: dt.date = Field(serialization_alias="to", validation_alias="to")
    status: FigureStatus = "final"
    observations: int


class FigureBook:
    """Numbers the figures of one run, f1, f2, …, and keeps them in that order."""

    def __init__(self) -> None:
        """Open an empty book."""
        self.figures: list[Figure] = []

    def add(
        self,
        label: str,
        value: float | None,
        *,
        metric: str,
        start: dt.date,
        end: dt.date,
        observations: int,
        platform: str | None = None,
        account: str | None = None,
        unit: Unit = "count",
        status: FigureStatus = "final",
    ) -> Figure:
        """Write a number down and return it with its id."""
        figure = Figure(
            id=f"f{len(self.figures) + 1}",
            label=label,
            value=value,
            unit=unit,
            metric=metric,
            platform=platform,
            account=account,
            start=start,
            end=end,
            status="unavailable" if value is None else status,
            observations=observations,
        )
        self.figures.append(figure)
        return figure
