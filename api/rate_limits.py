"""How often somebody may try to sign in or register, counted in this process."""

import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from core.errors import LimitError
from domain.accounts import normalize_email

WINDOW_MINUTES = 5
ADDRESS_FACTOR = 10


class TooManyAttemptsError(LimitError):
    """Too many attempts; wait a few minutes before the next one."""

    code = "too_many_attempts"


class SignInLimits:
    """Counts attempts per client address, and per address and e-mail."""

    def __init__(self, attempts: int) -> None:
        """Take the attempts per address and e-mail in five minutes; an address has ten times."""
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._per_email = RateLimitItemPerMinute(attempts, WINDOW_MINUTES)
        self._per_address = RateLimitItemPerMinute(attempts * ADDRESS_FACTOR, WINDOW_MINUTES)

    async def count(self, address: str, email: str) -> None:
        """Count an attempt before it is made; raises TooManyAttemptsError."""
        await self._hit(self._per_address, "address", address)
        await self._hit(self._per_email, "email", address, normalize_email(email))

    async def _hit(self, limit: RateLimitItem, *key: str) -> None:
        if not await self._limiter.hit(limit, *key):
            window = await self._limiter.get_window_stats(limit, *key)
            raise TooManyAttemptsError(retry_after=window.reset_time - time.time())
