"""API keys: for programs that act as their creator."""

import datetime as dt
import secrets
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ConflictError
from domain.accounts import hash_token
from storage.api_keys import count_api_keys, create_api_key, lock_api_keys
from storage.models import ApiKey, new_id

MAX_API_KEYS = 20
PREFIX_LENGTH = 10


class TooManyApiKeysError(ConflictError):
    """There are 20 API keys already: revoke one first."""

    code = "too_many_api_keys"


async def issue_api_key(
    session: AsyncSession, user_id: UUID, *, name: str, now: dt.datetime
) -> tuple[ApiKey, str]:
    """Make a key; returns what is stored of it, and the key, which only the client keeps.

    Raises `TooManyApiKeysError`, also when others make keys at the same moment.
    """
    await lock_api_keys(session, user_id)
    if await count_api_keys(session) >= MAX_API_KEYS:
        raise TooManyApiKeysError
    secret = f"ds_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        id=new_id(),
        user_id=user_id,
        name=name,
        prefix=secret[:PREFIX_LENGTH],
        key_hash=hash_token(secret),
        created_at=now,
    )
    await create_api_key(session, key)
    return key, secret
