"""The session cookie."""

import datetime as dt

from fastapi import Response

from api.deps import SESSION_COOKIE
from core.settings import Settings


def set_session_cookie(response: Response, token: str, settings: Settings) -> None:
    """Sign a browser in."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(dt.timedelta(days=settings.session_days).total_seconds()),
        httponly=True,
        secure=settings.is_cookie_secure,
        samesite="lax",
    )


def delete_session_cookie(response: Response, settings: Settings) -> None:
    """Sign a browser out."""
    response.delete_cookie(
        SESSION_COOKIE, httponly=True, secure=settings.is_cookie_secure, samesite="lax"
    )
