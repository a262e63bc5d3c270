"""How often somebody may ask, sign in or register.

Each user has so many requests of a class per minute, and each address so many in all, over a
sliding window. They are counted in this process, or in Redis, where all replicas count together;
while Redis is away each counts for itself.
"""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import TypeVar
from uuid import UUID

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter, SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from core.errors import LimitError, UnauthenticatedError
from core.settings import ADDRESS_CLASS
from domain.accounts import WrongCredentialsError, WrongPasswordError, normalize_email

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Storage = MemoryStorage | RedisStorage

WINDOW_SECONDS = 60
SIGN_IN_WINDOW_MINUTES = 5
ADDRESS_FACTOR = 10
# Routes that are neither mere reads nor mere writes.
_CLASSES = {
    ("POST", "/api/chat"): "questions",
    ("POST", "/api/runs/{run_id}/resume"): "questions",
    ("POST", "/api/metrics/import"): "imports",
}
# Redis gets this long to answer; after a failure it is left alone for a moment.
REDIS_TIMEOUT_SECONDS = 0.5
REDIS_REST_SECONDS = 5
# Who has one IPv6 address has 2⁶⁴ of them.
IPV6_PREFIX = 64


class RateLimitedError(LimitError):
    """Too many requests: wait a moment before the next one."""

    code = "rate_limited"


class TooManyAttemptsError(LimitError):
    """Too many attempts; wait a few minutes before the next one."""

    code = "too_many_attempts"


@dataclass(frozen=True, kw_only=True)
class Quota:
    """How many requests of a class there are per window, and how many are left of them."""

    name: str
    limit: int
    remaining: int
    reset_seconds: int

    @property
    def policy_header(self) -> str:
        """An item of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10)."""
        return f'"{self.name}";q={self.limit};w={WINDOW_SECONDS}'

    @property
    def header(self) -> str:
        """An item of `RateLimit`."""
        return f'"{self.name}";r={self.remaining};t={self.reset_seconds}'


class Counters:
    """Where requests are counted: in Redis, or in this process's memory."""

    def __init__(self, url: str | None = None) -> None:
        """Take the URL of a Redis server; nothing connects before the first count."""
        self._memory = MemoryStorage()
        self._redis: RedisStorage | None = None
        self._redis_from = 0.0
        if url:
            self._redis = RedisStorage(
                f"async+{url}",
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix="dreamsuite",
                socket_timeout=REDIS_TIMEOUT_SECONDS,
                socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
            )

    async def use(self, count: Callable[[Storage], Awaitable[Result]]) -> Result:
        """Count with Redis if it answers, and else in memory."""
        if self._redis and time.monotonic() >= self._redis_from:
            try:
                return await count(self._redis)
            except StorageError as error:
                logger.warning("Redis does not answer; counting in memory: %r", error)
                self._redis_from = time.monotonic() + REDIS_REST_SECONDS
        return await count(self._memory)

    async def close(self) -> None:
        """Close what is open to Redis."""
        if self._redis:
            await self._redis.bridge.storage.aclose()  # type: ignore[attr-defined]  # redis-py's client


class RateLimits:
    """Counts requests by class; a class without a limit is not counted."""

    def __init__(self, counters: Counters, per_minute: Mapping[str, int]) -> None:
        """Take the requests that each class may have per minute."""
        self._counters = counters
        self._items = {name: RateLimitItemPerMinute(count) for name, count in per_minute.items()}

    async def count(self, name: str, asker: str, quotas: list[Quota]) -> None:
        """Count a request of this class, and add what is left to `quotas`.

        Raises `RateLimitedError` when there was nothing left.
        """
        item = self._items.get(name)
        if item is None:
            return
        quota, wait_seconds = await self._counters.use(
            lambda storage: _count(storage, item, name, asker)
        )
        quotas.append(quota)
        if wait_seconds:
            raise RateLimitedError(
                f"There may be {quota.limit} requests of the class “{name}” in a minute: wait "
                f"{ceil(wait_seconds)} seconds before the next one.",
                retry_after=ceil(wait_seconds),
                limit_class=name,
                limit=quota.limit,
            )

    async def count_address(self, address: str, quotas: list[Quota]) -> None:
        """Count a request of an address as `count` does."""
        await self.count(ADDRESS_CLASS, network_of(address), quotas)

    async def count_user(self, user_id: UUID, method: str, route: str, quotas: list[Quota]) -> None:
        """Count a user's request to a route as `count` does."""
        usual = "reads" if method in ("GET", "HEAD") else "writes"
        await self.count(_CLASSES.get((method, route), usual), str(user_id), quotas)


class SignInLimits:
    """Counts registrations per client address, and failed logins also per address and e-mail.

    Logins that succeed are not counted: many people may share one address.
    """

    def __init__(self, counters: Counters, attempts: int) -> None:
        """Take the attempts per address and e-mail in five minutes; an address has ten times."""
        self._counters = counters
        self._per_email = RateLimitItemPerMinute(attempts, SIGN_IN_WINDOW_MINUTES)
        self._per_address = RateLimitItemPerMinute(
            attempts * ADDRESS_FACTOR, SIGN_IN_WINDOW_MINUTES
        )

    async def count_registration(self, address: str) -> None:
        """Count a registration before it is made; raises TooManyAttemptsError."""
        await self._hit(self._per_address, "registration", network_of(address))

    async def count_forgotten(self, address: str) -> None:
        """Count a request for a new password, whosesoever; raises TooManyAttemptsError."""
        await self._hit(self._per_address, "forgotten", network_of(address))

    @asynccontextmanager
    async def login(self, address: str, email: str) -> AsyncIterator[None]:
        """Count the login in this block if it fails; raises TooManyAttemptsError.

        It has its place in the count from the start, so that many at once guess no more often
        than one after the other.
        """
        network = network_of(address)
        places = (
            (self._per_email, "email", network, normalize_email(email)),
            (self._per_address, "address", network),
        )
        async with self._counted((WrongCredentialsError, WrongPasswordError), *places):
            yield

    @asynccontextmanager
    async def guess(self, address: str, name: str) -> AsyncIterator[None]:
        """Count this block as `login` does if it says that a secret of this name was wrong."""
        place = (self._per_email, name, network_of(address))
        async with self._counted((UnauthenticatedError,), place):
            yield

    @asynccontextmanager
    async def _counted(
        self, failures: tuple[type[Exception], ...], *keys: tuple[RateLimitItem, *tuple[str, ...]]
    ) -> AsyncIterator[None]:
        """Keep a place in each count if the block fails so, and give it back otherwise."""
        async with AsyncExitStack() as places:
            for limit, *key in keys:
                await self._hit(limit, *key)
                places.push_async_callback(self._give_back, limit, *key)
            try:
                yield
            except failures:
                places.pop_all()
                raise

    async def _hit(self, limit: RateLimitItem, *key: str) -> None:
        async def hit(storage: Storage) -> float:
            """Return how long to wait, if there is no place left."""
            limiter = FixedWindowRateLimiter(storage)
            if await limiter.hit(limit, *key):
                return 0
            await _take_back(storage, limit, *key)
            window = await limiter.get_window_stats(limit, *key)
            return max(window.reset_time - time.time(), 1)

        if wait_seconds := await self._counters.use(hit):
            raise TooManyAttemptsError(retry_after=wait_seconds)

    async def _give_back(self, limit: RateLimitItem, *key: str) -> None:
        await self._counters.use(lambda storage: _take_back(storage, limit, *key))


def network_of(address: str) -> str:
    """Return who an address stands for: itself, or the network of an IPv6 address."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), IPV6_PREFIX), strict=False))


async def _count(
    storage: Storage, item: RateLimitItem, name: str, asker: str
) -> tuple[Quota, float]:
    """Count a request; returns what is left, and how long to wait if there was nothing left."""
    has_place = await SlidingWindowCounterRateLimiter(storage).hit(item, name, asker)
    before, _, now, ends_in = await storage.get_sliding_window(
        item.key_for(name, asker), WINDOW_SECONDS
    )
    ends_in %= WINDOW_SECONDS  # the library keeps counts for two windows
    used = before * ends_in / WINDOW_SECONDS + now
    quota = Quota(
        name=name,
        limit=item.amount,
        remaining=max(item.amount - ceil(used), 0),
        reset_seconds=ceil(ends_in),
    )
    return quota, 0 if has_place else _wait_seconds(item.amount, before, now, ends_in)


def _wait_seconds(limit: int, before: int, now: int, ends_in: float) -> float:
    """Return when there is a place again: before the window ends, or soon after.

    The count of the window before weighs as much as there is left of this one.
    """
    if now < limit and before:
        return max(ends_in - (limit - now) * WINDOW_SECONDS / before, 0) + 1
    return ends_in + WINDOW_SECONDS / limit


async def _take_back(storage: Storage, limit: RateLimitItem, *key: str) -> None:
    if isinstance(storage, MemoryStorage):
        await storage.decr(limit.key_for(*key))
    else:
        await storage.incr(limit.key_for(*key), limit.get_expiry(), amount=-1)
