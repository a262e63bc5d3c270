"""Notifications: what a creator is told beside what they asked for."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.deps import CrossOriginError, SuiteDep, UserSessionDep
from api.errors import problems
from api.pages import (
    BY_TIME,
    DEFAULT_PAGE_SIZE,
    Cursor,
    InvalidCursorError,
    Limit,
    Page,
    decode_cursor,
    split_page,
)
from core.errors import UnauthenticatedError
from storage.models import NotificationType
from storage.notifications import (
    NotificationNotFoundError,
    count_unread,
    list_notifications,
    mark_all_read,
    mark_notification,
)

router = APIRouter(
    prefix="/api/notifications", tags=["Notifications"], responses=problems(UnauthenticatedError)
)


class NotificationOut(BaseModel):
    """Something you are told, in words to show as they are."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
                    "type": "plan_ready",
                    "title": "Your plan is ready",
                    "message": "“A month before the tour” has 24 posts.",
                    "job_id": "0198c5a2-0a3c-7f2b-8f61-93d4c1a2b7e5",
                    "is_read": False,
                    "is_dismissed": False,
                    "created_at": "2026-03-01T09:15:00Z",
                    "expires_at": "2026-03-31T09:15:00Z",
                }
            ]
        },
    )

    id: UUID
    type: NotificationType
    title: str
    message: str
    job_id: UUID | None = Field(description="The job that it is about, which is its plan's, too.")
    is_read: bool
    is_dismissed: bool
    created_at: dt.datetime
    expires_at: dt.datetime = Field(description="When it leaves the list by itself.")


class NotificationsOut(Page[NotificationOut]):
    """A page of notifications, the newest first."""


class UnreadOut(BaseModel):
    """How many notifications are unread."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"unread": 3}]})

    unread: int


@router.get("", summary="List my notifications", responses=problems(InvalidCursorError))
async def list_all(
    session: UserSessionDep,
    suite: SuiteDep,
    type: Annotated[NotificationType | None, Query(description="Only of this type.")] = None,  # noqa: A002  # the parameter's name
    unread: Annotated[
        bool | None, Query(description="Only unread ones, or only read ones.")
    ] = None,
    limit: Limit = DEFAULT_PAGE_SIZE,
    cursor: Cursor = None,
) -> NotificationsOut:
    """Without those that you dismissed, and those that have expired."""
    found = await list_notifications(
        session,
        limit=limit + 1,
        now=suite.clock(),
        kind=type,
        is_unread=unread,
        before=decode_cursor(cursor, BY_TIME),
    )
    page, next_page = split_page(found, limit, lambda row: (row.created_at, row.id))
    items = [NotificationOut.model_validate(row) for row in page]
    return NotificationsOut(items=items, next=next_page)


@router.get("/unread", summary="Count my unread notifications")
async def get_unread(session: UserSessionDep, suite: SuiteDep) -> UnreadOut:
    """`GET /api/events` tells `notification` when it may have changed."""
    return UnreadOut(unread=await count_unread(session, suite.clock()))


@router.post(
    "/read", summary="Mark all notifications as read", responses=problems(CrossOriginError)
)
async def read_all(session: UserSessionDep) -> UnreadOut:
    """They stay in the list; once more changes nothing."""
    await mark_all_read(session)
    return UnreadOut(unread=0)


@router.post(
    "/{notification_id}/read",
    summary="Mark a notification as read",
    responses=problems(CrossOriginError, NotificationNotFoundError),
)
async def read(notification_id: UUID, session: UserSessionDep) -> NotificationOut:
    """Once more changes nothing."""
    return NotificationOut.model_validate(await mark_notification(session, notification_id))


@router.post(
    "/{notification_id}/dismiss",
    summary="Dismiss a notification",
    responses=problems(CrossOriginError, NotificationNotFoundError),
)
async def dismiss(notification_id: UUID, session: UserSessionDep) -> NotificationOut:
    """It leaves the list; once more changes nothing."""
    found = await mark_notification(session, notification_id, is_dismissed=True)
    return NotificationOut.model_validate(found)
