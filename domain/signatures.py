"""Who sent a webhook: Standard Webhooks 1.0.0, QStash's signatures, and shared secrets.

All of them are about the raw bytes of the body: JSON that is read and written again may differ.
"""

import base64
import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from core.errors import UnauthenticatedError

# How old, or how far ahead, a signed message may be (Standard Webhooks' reference library).
TOLERANCE = dt.timedelta(minutes=5)
# How far the clocks of QStash and this server may be apart.
QSTASH_LEEWAY = dt.timedelta(seconds=5)
# A dot in it would make the signed text ambiguous.
_MESSAGE_ID = re.compile("[^.]{1,200}")
_TIMESTAMP = re.compile("[0-9]{1,12}")


class InvalidSignatureError(UnauthenticatedError):
    """This message does not prove who sent it."""

    code = "invalid_signature"


def sign(keys: Sequence[bytes], message_id: str, body: bytes, now: dt.datetime) -> dict[str, str]:
    """Return the headers that sign a message; with several keys, each signs."""
    timestamp = str(int(now.timestamp()))
    signatures = [_signature(key, message_id, timestamp, body) for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def verify(keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: dt.datetime) -> str:
    """Return the id of a message that one of the keys signed just now.

    Raises `InvalidSignatureError`. Whether it came before is for the caller to find out.
    """
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split(" ")
    if not _MESSAGE_ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(timestamp):
        raise InvalidSignatureError(
            "Send the headers webhook-id, webhook-timestamp and webhook-signature."
        )
    expected = [_signature(key, message_id, timestamp, body) for key in keys]
    matches = [_is_same(one, other) for one in given for other in expected]
    if not any(matches):
        raise InvalidSignatureError("The signature is not that of this body.")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise InvalidSignatureError(
            "The timestamp is more than five minutes away from this server's clock."
        )
    return message_id


def check_shared_secret(expected: str, given: str) -> None:
    """Raise `InvalidSignatureError` unless both are the same; how long it takes tells nothing."""
    if not _is_same(expected, given):
        raise InvalidSignatureError("The shared secret is another one.")


def verify_qstash(
    keys: Sequence[str], token: str, body: bytes, *, url: str, now: dt.datetime
) -> None:
    """Check the `Upstash-Signature` of a delivery to this address.

    Keys are tried in order, the current one first; when all fail, the first reason is told.
    Raises `InvalidSignatureError`.
    """
    reasons = []
    for key in keys:
        try:
            _check_claims(_read_token(key, token), body, url, now)
        except InvalidSignatureError as error:
            reasons.append(error)
        else:
            return
    # A token of the current key that has expired is no token of the next key: tell the former.
    raise reasons[0]


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = b"%b.%b.%b" % (message_id.encode(), timestamp.encode(), body)
    digest = hmac.digest(key, signed, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


def _read_token(key: str, token: str) -> dict[str, Any]:
    """Return the claims of a JWT (RFC 7519) that the key signed by HS256, and nothing else."""
    try:
        head, claims, signature = token.split(".")
        given = _from_base64url(signature)
        algorithm, found = (orjson.loads(_from_base64url(each)) for each in (head, claims))
        is_hs256 = algorithm["alg"] == "HS256"
    except (ValueError, KeyError, TypeError):
        raise InvalidSignatureError("The header Upstash-Signature is no token.") from None
    expected = hmac.digest(key.encode(), f"{head}.{claims}".encode(), "sha256")
    if not is_hs256 or not isinstance(found, dict) or not hmac.compare_digest(given, expected):
        raise InvalidSignatureError("The signature is of another key.")
    return found


def _check_claims(claims: Mapping[str, Any], body: bytes, url: str, now: dt.datetime) -> None:
    moment, leeway = now.timestamp(), QSTASH_LEEWAY.total_seconds()
    if claims.get("iss") != "Upstash":
        raise InvalidSignatureError("The token is not issued by Upstash.")
    if claims.get("sub") != url:
        raise InvalidSignatureError(
            "The token is for another address: PUBLIC_URL has to be the one that QStash calls."
        )
    if moment >= _read_time(claims, "exp") + leeway:
        raise InvalidSignatureError("The token has expired.")
    if moment < _read_time(claims, "nbf") - leeway:
        raise InvalidSignatureError("The token is not valid yet.")
    expected = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode().rstrip("=")
    if not _is_same(str(claims.get("body")).rstrip("="), expected):
        raise InvalidSignatureError("The token is for another body.")


def _read_time(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if not isinstance(value, int | float):
        raise InvalidSignatureError(f"The token does not say {name}.")
    return value


def _from_base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
