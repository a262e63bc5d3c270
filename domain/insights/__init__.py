"""Insights: something worth knowing that the suite found in a creator's numbers."""

from pydantic import BaseModel, Field


class ActionItem(BaseModel):
    """Something that the creator may do about it; what `ai_insights.action_items` holds."""

    text: str = Field(examples=["Post the next reel on a Thursday evening."])
