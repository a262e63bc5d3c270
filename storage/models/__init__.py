"""The tables. Every row belongs to a user; composite keys keep a row from pointing elsewhere.

Row-level security (`storage/migrations/security.py`) decides who sees a row; the foreign keys
over `(user_id, …)` and `(conversation_id, …)` decide what a row may point at, which row-level
security does not check. Counters are nullable: unknown is null, never 0.
"""

from storage.models.accounts import (
    KNOWN_BITS,
    AnalyticsVersion,
    AudienceDimension,
    AudienceSnapshot,
    ContentPost,
    DailyMetric,
    DayStatus,
    Metric,
    Platform,
    PlatformConnection,
)
from storage.models.base import Base, new_id
from storage.models.conversations import (
    ChatMessage,
    Conversation,
    ConversationWords,
    MessageFeedback,
    Rating,
)
from storage.models.goals import Goal, GoalMilestone, GoalStatus
from storage.models.insights import Insight, InsightType, Notification, NotificationType, Priority
from storage.models.jobs import (
    AttemptStatus,
    DeliveryStatus,
    InboundDelivery,
    Job,
    JobAttempt,
    JobBatch,
    JobStatus,
    WebhookDelivery,
)
from storage.models.mail import Mail, MailKind, MailStatus, MailToken
from storage.models.plans import Draft, PlanVersion
from storage.models.runs import Run, RunEvents, RunStatus
from storage.models.users import (
    ApiKey,
    DailyUsage,
    IdempotencyKey,
    Password,
    Role,
    Tier,
    User,
    UserSession,
)

__all__ = [
    "KNOWN_BITS",
    "AnalyticsVersion",
    "ApiKey",
    "AttemptStatus",
    "AudienceDimension",
    "AudienceSnapshot",
    "Base",
    "ChatMessage",
    "ContentPost",
    "Conversation",
    "ConversationWords",
    "DailyMetric",
    "DailyUsage",
    "DayStatus",
    "DeliveryStatus",
    "Draft",
    "Goal",
    "GoalMilestone",
    "GoalStatus",
    "IdempotencyKey",
    "InboundDelivery",
    "Insight",
    "InsightType",
    "Job",
    "JobAttempt",
    "JobBatch",
    "JobStatus",
    "Mail",
    "MailKind",
    "MailStatus",
    "MailToken",
    "MessageFeedback",
    "Metric",
    "Notification",
    "NotificationType",
    "Password",
    "PlanVersion",
    "Platform",
    "PlatformConnection",
    "Priority",
    "Rating",
    "Role",
    "Run",
    "RunEvents",
    "RunStatus",
    "Tier",
    "User",
    "UserSession",
    "WebhookDelivery",
    "new_id",
]
