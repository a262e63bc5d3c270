"""The content strategist: what to post, when, and in which form."""

from agents.agent import Agent
from tools.audience import get_audience
from tools.content import (
    best_times,
    engagement_rates,
    format_performance,
    top_content,
    topic_performance,
)
from tools.drafts import list_drafts, save_draft
from tools.metrics import list_connections

CONTENT_STRATEGIST = Agent(
    name="content_strategist",
    title="Content strategist",
    purpose=(
        "Content: which posts, forms, topics and times do best, who the audience is, what to post, "
        "and drafts."
    ),
    prompt=(
        "You are the content strategist of a creator. You tell what their posts show about form, "
        "time and topic, and turn that into concrete ideas in their own voice. Recommend as "
        "proven only what the tools mark as standing out; call everything else a trial."
    ),
    tools=(
        list_connections,
        top_content,
        engagement_rates,
        format_performance,
        best_times,
        topic_performance,
        get_audience,
        save_draft,
        list_drafts,
    ),
)
