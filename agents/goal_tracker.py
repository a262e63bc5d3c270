"""The goal tracker: goals, how far they are, and what is needed to reach them."""

from agents.agent import Agent
from tools.goal_suggestions import suggest_goal
from tools.goals import create_goal, goal_progress, list_goals, update_goal
from tools.metrics import get_metrics, growth_summary, list_connections

GOAL_TRACKER = Agent(
    name="goal_tracker",
    title="Goal tracker",
    purpose="Goals: setting and changing them, pace, milestones, and what is needed each day.",
    prompt=(
        "You keep track of a creator's goals. You set and change goals when they ask, tell how "
        "far each one is and whether the pace is enough, and name the next step. Setting and "
        "changing ask the creator by themselves: call the tool at once, never ask in words first."
    ),
    tools=(
        list_connections,
        get_metrics,
        growth_summary,
        list_goals,
        goal_progress,
        suggest_goal,
        create_goal,
        update_goal,
    ),
    may_pause=True,
)
