"""Publishes messages to QStash, which delivers them to an address of ours (API v2)."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import quote

import orjson

from platforms.webhook import Answer, post

TIMEOUT = dt.timedelta(seconds=15)
# How often QStash tries again what this server could not take.
RETRIES = 3


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is delivered where. Messages of one `deduplication_id` are one message.

    At most `parallelism` messages of a `flow` are delivered at the same time.
    """

    destination: str
    body: bytes
    deduplication_id: str
    timeout: dt.timedelta
    flow: str
    parallelism: int


async def publish(url: str, token: str, message: Message) -> tuple[Answer, str | None]:
    """Return QStash's answer, and the id of the message if it was taken."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Upstash-Method": "POST",
        "Upstash-Retries": str(RETRIES),
        "Upstash-Timeout": f"{int(message.timeout.total_seconds())}s",
        "Upstash-Deduplication-Id": message.deduplication_id,
        "Upstash-Flow-Control-Key": message.flow,
        "Upstash-Flow-Control-Value": f"parallelism={message.parallelism}",
    }
    address = f"{url.rstrip('/')}/v2/publish/{quote(message.destination, safe=':/')}"
    answer = await post(address, message.body, headers, patience=TIMEOUT)
    if not answer.is_success:
        return answer, None
    return answer, _read_message_id(answer.detail)


def _read_message_id(text: str) -> str | None:
    try:
        found = orjson.loads(text)["messageId"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None
