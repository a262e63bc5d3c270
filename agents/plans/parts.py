"""What a model writes in one stage: some of a plan's fields."""

from pydantic import BaseModel, Field

from domain.plans.plan import (
    MetricFocus,
    Pillar,
    PlanGoal,
    PlanItem,
    RoutineStep,
    Trend,
    WeekTheme,
)


class Trends(BaseModel):
    """What is talked about in the creator's field right now, with sources."""

    trends: list[Trend] = Field(max_length=5)


class Strategy(BaseModel):
    """What the plan is to reach, what the posts are about, and what each week is about."""

    goals: list[PlanGoal] = Field(min_length=1, max_length=5)
    pillars: list[Pillar] = Field(min_length=1, max_length=5)
    weeks: list[WeekTheme] = Field(min_length=1, max_length=20)


class WeekItems(BaseModel):
    """The posts of one week."""

    items: list[PlanItem] = Field(max_length=25)


class Metrics(BaseModel):
    """The few numbers to watch."""

    metrics: list[MetricFocus] = Field(max_length=6)


class Routine(BaseModel):
    """What to do on which weekday, every week."""

    routine: list[RoutineStep] = Field(min_length=1, max_length=20)
