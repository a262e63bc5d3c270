"""How often somebody may fail to sign in, or register, counted in this process."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from core.errors import LimitError
from domain.accounts import WrongCredentialsError, WrongPasswordError, normalize_email

WINDOW_MINUTES = 5
ADDRESS_FACTOR = 10


class TooManyAttemptsError(LimitError):
    """Too many attempts; wait a few minutes before the next one."""

    code = "too_many_attempts"


class SignInLimits:
    """Counts registrations per client address, and failed logins also per address and e-mail.

    Logins that succeed are not counted: many people may share one address.
    """

    def __init__(self, attempts: int) -> None:
        """Take the attempts per address and e-mail in five minutes; an address has ten times."""
        self._storage = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._storage)
        self._per_email = RateLimitItemPerMinute(attempts, WINDOW_MINUTES)
        self._per_address = RateLimitItemPerMinute(attempts * ADDRESS_FACTOR, WINDOW_MINUTES)

    async def count_registration(self, address: str) -> None:
        """Count a registration before it is made; raises TooManyAttemptsError."""
        await self._hit(self._per_address, "registration", address)

    @asynccontextmanager
    async def login(self, address: str, email: str) -> AsyncIterator[None]:
        """Count the login in this block if it fails; raises TooManyAttemptsError.

        It has its place in the count from the start, so that many at once guess no more often
        than one after the other.
        """
        async with AsyncExitStack() as places:
            for limit, *key in (
                (self._per_email, "email", address, normalize_email(email)),
                (self._per_address, "address", address),
            ):
                await self._hit(limit, *key)
                places.push_async_callback(self._give_back, limit, *key)
            try:
                yield
            except (WrongCredentialsError, WrongPasswordError):
                places.pop_all()
                raise

    async def _hit(self, limit: RateLimitItem, *key: str) -> None:
        if not await self._limiter.hit(limit, *key):
            await self._give_back(limit, *key)
            window = await self._limiter.get_window_stats(limit, *key)
            raise TooManyAttemptsError(retry_after=window.reset_time - time.time())

    async def _give_back(self, limit: RateLimitItem, *key: str) -> None:
        await self._storage.decr(limit.key_for(*key))
