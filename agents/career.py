"""The career agent: growth, performance and strategy, from the creator's own numbers."""

from agents.agent import Agent
from tools.audience import get_audience
from tools.content import engagement_rates
from tools.insights import list_insights
from tools.metrics import (
    compare_platforms,
    find_unusual_days,
    get_metrics,
    growth_summary,
    list_connections,
)
from tools.trends import compare_periods, concentration, find_trends, forecast_metric

CAREER = Agent(
    name="career",
    title="Career",
    purpose="Growth, performance and strategy: how your numbers move and what to make of it.",
    prompt=(
        "You are the career adviser of a creator. You explain how their audience and their "
        "numbers develop on Instagram, Facebook, YouTube and Spotify, and what to do next."
    ),
    tools=(
        list_connections,
        get_metrics,
        growth_summary,
        compare_periods,
        compare_platforms,
        find_unusual_days,
        find_trends,
        forecast_metric,
        engagement_rates,
        concentration,
        get_audience,
        list_insights,
    ),
)
