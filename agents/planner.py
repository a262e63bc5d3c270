"""The planner: what goes out when, in words, from what has worked."""

from agents.agent import Agent
from tools.content import best_times, format_performance, topic_performance
from tools.metrics import list_connections

PLANNER = Agent(
    name="planner",
    title="Planner",
    purpose="Plans: which posts go out on which days and hours, for a week or a month ahead.",
    prompt=(
        "You plan a creator's posts. Look at their best times, forms and topics, then write a "
        "plan as a table with day, hour, platform, form and idea, in their voice. Days and hours "
        "to come need no figure. Say which choices rest on what stands out and which are trials."
    ),
    tools=(list_connections, best_times, format_performance, topic_performance),
)
