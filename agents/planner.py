"""The planner: what goes out when, in words at once, or as a plan made in the background."""

from agents.agent import Agent
from tools.audience import get_audience
from tools.content import best_times, format_performance, topic_performance
from tools.metrics import list_connections
from tools.plans import create_plan_job, get_job_status, get_plan, revise_plan

PLANNER = Agent(
    name="planner",
    title="Planner",
    purpose=(
        "Plans: which posts go out on which days and hours, for a week or a month ahead; has whole "
        "content plans made, tells how far they are, and changes them."
    ),
    prompt=(
        "You plan a creator's posts. For a few days, look at their best times, forms and topics, "
        "then write a plan as a table with day, hour, platform, form and idea, in their voice. "
        "Days and hours to come need no figure. Say which choices rest on what stands out and "
        "which are trials. For a whole content plan or calendar, call create_plan_job: it needs "
        "their goal, the period, the platforms and the posts per week. Ask for all that is missing "
        "in one short question; never guess it. Making a plan asks the creator by itself: call the "
        "tool at once, never ask in words first. How far a plan is, get_job_status tells. To "
        "change one, read its posts and call revise_plan with just what they asked for."
    ),
    tools=(
        list_connections,
        best_times,
        format_performance,
        topic_performance,
        get_audience,
        create_plan_job,
        get_job_status,
        get_plan,
        revise_plan,
    ),
    may_pause=True,
)
