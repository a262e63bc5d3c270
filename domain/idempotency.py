"""Idempotency keys: what a request with a key has created, the same request creates no second time.

Key, work and answer share a transaction: what fails leaves no key behind, and what is done is
remembered, even if the process dies before anybody hears of it.
"""

import datetime as dt
import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ConflictError, UnprocessableError
from storage.idempotency import find_key, lock_key, write_key

RETENTION = dt.timedelta(hours=24)
RETRY_SECONDS = 1


class IdempotencyKeyInUseError(ConflictError):
    """A request with this Idempotency-Key is still being worked on; ask again in a moment."""

    code = "idempotency_key_in_use"


class IdempotencyKeyReusedError(UnprocessableError):
    """This Idempotency-Key came with another request, or from another sign-in: take a new one."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a request was answered."""

    status: int
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A request with a key, and the token that it came with."""

    user_id: UUID
    route: str
    key: str
    body: bytes
    token: str

    @property
    def body_hash(self) -> bytes:
        """Tells this body from others."""
        return hashlib.sha256(self.body).digest()

    @property
    def seal(self) -> Fernet:
        """Keeps an answer, which may be a secret, from all who have not this very token."""
        secret = hmac.digest(self.token.encode(), b"idempotency answer", "sha256")
        return Fernet(urlsafe_b64encode(secret))


async def claim_key(session: AsyncSession, claim: Claim, *, now: dt.datetime) -> Answer | None:
    """Return what the same request was answered before; None lets it be worked on now.

    Raises `IdempotencyKeyInUseError`, `IdempotencyKeyReusedError`.
    """
    if not await lock_key(session, claim.user_id, claim.route, claim.key):
        raise IdempotencyKeyInUseError(retry_after=RETRY_SECONDS)
    found = await find_key(session, claim.route, claim.key, since=now - RETENTION)
    if found is None:
        return None
    if found.body_hash != claim.body_hash:
        raise IdempotencyKeyReusedError
    try:
        return Answer(status=found.status, body=claim.seal.decrypt(found.answer))
    except InvalidToken as error:
        raise IdempotencyKeyReusedError from error


async def keep_answer(
    session: AsyncSession, claim: Claim, answer: Answer, *, now: dt.datetime
) -> None:
    """Remember what the request is answered, in the transaction of its work."""
    await write_key(
        session,
        claim.user_id,
        claim.route,
        claim.key,
        body_hash=claim.body_hash,
        status=answer.status,
        answer=claim.seal.encrypt(answer.body),
        now=now,
    )
