"""Signatures of webhooks: the vectors of their makers, their own libraries, and forgeries."""

import base64
import datetime as dt
import hashlib
import hmac
from typing import Any

import jwt
import orjson
import pytest
from qstash import Receiver
from standardwebhooks import Webhook

from core.engine_settings import read_key
from domain.signatures import (
    InvalidSignatureError,
    check_shared_secret,
    sign,
    verify,
    verify_qstash,
)

# The vector of Standard Webhooks, as its reference library signs it.
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER = "whsec_" + base64.b64encode(b"another secret of 32 bytes length").decode()
BODY = b'{"type":"post.published","timestamp":"2026-11-20T20:00:00Z","data":{"id":"post_1"}}'
KEY, OTHER_KEY = read_key(SECRET), read_key(OTHER)
SIGNED_AT = dt.datetime.fromtimestamp(1767225600, dt.UTC)
SIGNATURE = "v1,reyjEiVNJyokcafvQtyWnnEKhuM+4uRYkPWkgQZkfSU="
HEADERS = {
    "webhook-id": "msg_1",
    "webhook-timestamp": "1767225600",
    "webhook-signature": SIGNATURE,
}

# The vector of QStash, as its SDK verifies it.
CURRENT = "sig_current_key_0123456789abcdef0123456789"
NEXT = "sig_next_key_0123456789abcdef0123456789ab"
URL = "https://api.example.com/webhooks/qstash"
MESSAGE = b'{"job":"insights.daily","user_id":"u_1"}'
UNSIGNED = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9hcGkuZXhhbXBs"
    "ZS5jb20vd2ViaG9va3MvcXN0YXNoIiwiZXhwIjo0MTAyNDQ0ODAwLCJuYmYiOjE3MDAwMDAwMDAsImlhdCI6MTcwMDAwMD"
    "AwMCwianRpIjoiand0X3Rlc3QiLCJib2R5IjoiclU2LVd1b3VuQVNYTUhCRVJRUS1mRTNKazJGUXVpc3dRTVB0cm5PZzNT"
    "bz0ifQ"
)
BY_CURRENT = f"{UNSIGNED}.5Zmq8WvDBJNI9c83PBFKIb2r53yRWkTQOYbzKHwfg7o"
BY_NEXT = f"{UNSIGNED}.GjrhWPvsUMrCe0_hcOSLZnlI52duWiRrWZ1qzL1MfDY"
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


# --- Standard Webhooks ---


def test_a_message_is_signed_as_the_specification_has_it() -> None:
    assert sign([KEY], "msg_1", BODY, SIGNED_AT) == HEADERS
    assert verify([KEY], HEADERS, BODY, SIGNED_AT) == "msg_1"


def test_the_reference_library_verifies_what_we_sign_and_we_what_it_signs() -> None:
    now = dt.datetime.now(dt.UTC)
    assert Webhook(SECRET).verify(BODY, sign([KEY], "msg_2", BODY, now))
    signature = Webhook(SECRET).sign("msg_3", now, BODY.decode())
    headers = {
        "webhook-id": "msg_3",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    assert verify([KEY], headers, BODY, now) == "msg_3"


def test_while_a_secret_is_changed_both_are_good() -> None:
    both = sign([OTHER_KEY, KEY], "msg_1", BODY, SIGNED_AT)
    assert both["webhook-signature"].split(" ")[1] == SIGNATURE
    for key in (KEY, OTHER_KEY):
        assert verify([key], both, BODY, SIGNED_AT) == "msg_1"
    assert verify([OTHER_KEY, KEY], HEADERS, BODY, SIGNED_AT) == "msg_1"


def test_signatures_of_other_schemes_beside_ours_do_no_harm() -> None:
    headers = HEADERS | {"webhook-signature": f"v1a,abc {SIGNATURE} v2,x"}
    assert verify([KEY], headers, BODY, SIGNED_AT) == "msg_1"


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": SIGNATURE.removeprefix("v1,")},
        {"webhook-signature": SIGNATURE.replace("v1", "v1a")},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,ü"},
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-id": "msg_1.1767225600"},
        {"webhook-timestamp": "1767225601"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-timestamp": "-1767225600"},
    ],
)
def test_a_forged_header_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidSignatureError):
        verify([KEY], HEADERS | headers, BODY, SIGNED_AT)


@pytest.mark.parametrize("name", HEADERS)
def test_a_missing_header_is_refused(name: str) -> None:
    headers = {key: value for key, value in HEADERS.items() if key != name}
    with pytest.raises(InvalidSignatureError):
        verify([KEY], headers, BODY, SIGNED_AT)


def test_another_body_and_another_secret_are_refused() -> None:
    with pytest.raises(InvalidSignatureError):
        verify([KEY], HEADERS, BODY + b" ", SIGNED_AT)
    with pytest.raises(InvalidSignatureError):
        verify([OTHER_KEY], HEADERS, BODY, SIGNED_AT)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_message_may_be_five_minutes_old_or_ahead(seconds: int) -> None:
    now = SIGNED_AT + dt.timedelta(seconds=seconds)
    assert verify([KEY], HEADERS, BODY, now) == "msg_1"


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_late_message_is_refused(seconds: int) -> None:
    with pytest.raises(InvalidSignatureError, match="five minutes"):
        verify([KEY], HEADERS, BODY, SIGNED_AT + dt.timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", SECRET[6:], "whsec_%%%", "whsec_" + "QUJD" * 30]
)
def test_a_secret_that_would_be_weak_is_none(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        read_key(secret)


def test_a_shared_secret_is_the_same_or_refused() -> None:
    check_shared_secret("häm", "häm")
    for given in ("", "h", "hämm"):
        with pytest.raises(InvalidSignatureError):
            check_shared_secret("häm", given)


# --- QStash ---


def claims(**changes: Any) -> dict[str, Any]:
    digest = base64.urlsafe_b64encode(hashlib.sha256(MESSAGE).digest()).decode()
    whole = {
        "iss": "Upstash",
        "sub": URL,
        "exp": NOW.timestamp() + 300,
        "nbf": NOW.timestamp(),
        "iat": NOW.timestamp(),
        "jti": "jwt_1",
        "body": digest,
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def token(key: str = CURRENT, **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm="HS256")


def check(given: str, body: bytes = MESSAGE) -> None:
    verify_qstash([CURRENT, NEXT], given, body, url=URL, now=NOW)


@pytest.mark.parametrize("given", [BY_CURRENT, BY_NEXT])
def test_the_sdk_s_deliveries_are_verified_with_either_key(given: str) -> None:
    check(given)
    receiver = Receiver(current_signing_key=CURRENT, next_signing_key=NEXT)
    receiver.verify(signature=given, body=MESSAGE.decode(), url=URL)


@pytest.mark.parametrize("body", [claims()["body"], claims()["body"].rstrip("=")])
def test_the_padding_of_a_body_s_hash_does_not_matter(body: str) -> None:
    check(token(body=body))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "Someone"}, "issued"),
        ({"iss": None}, "issued"),
        ({"sub": "https://api.example.com/webhooks/other"}, "another address"),
        ({"sub": f"{URL}?x=1"}, "another address"),
        ({"sub": None}, "another address"),
        ({"exp": NOW.timestamp() - 6}, "expired"),
        ({"exp": None}, "exp"),
        ({"exp": "never"}, "exp"),
        ({"nbf": NOW.timestamp() + 6}, "not valid yet"),
        ({"nbf": None}, "nbf"),
        ({"body": "AAAA"}, "another body"),
        ({"body": None}, "another body"),
    ],
)
def test_every_claim_counts(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidSignatureError, match=reason):
        check(jwt.encode(claims(**changes), CURRENT, algorithm="HS256"))


def test_clocks_may_be_a_few_seconds_apart() -> None:
    check(token(exp=NOW.timestamp() - 4))
    check(token(nbf=NOW.timestamp() + 4))


@pytest.mark.parametrize("algorithm", ["none", "HS512", "RS256", "hs256", None, 1])
def test_other_algorithms_are_refused(algorithm: object) -> None:
    head, body = (
        base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=")
        for part in ({"alg": algorithm, "typ": "JWT"}, claims())
    )
    signature = hmac.digest(CURRENT.encode(), b"%b.%b" % (head, body), "sha256")
    signed = base64.urlsafe_b64encode(signature).rstrip(b"=")
    for given in (signed, b""):
        with pytest.raises(InvalidSignatureError):
            check(b".".join((head, body, given)).decode())


@pytest.mark.parametrize(
    "given", ["", "x", "a.b.c", "..", "é.é.é", f"{BY_CURRENT}.x", "bnVsbA.bnVsbA.x"]
)
def test_what_is_no_token_is_refused(given: str) -> None:
    with pytest.raises(InvalidSignatureError):
        check(given)


def test_another_key_and_another_body_are_refused() -> None:
    with pytest.raises(InvalidSignatureError, match="another key"):
        check(token("a key that nobody gave us, of some length"))
    with pytest.raises(InvalidSignatureError, match="another body"):
        check(BY_CURRENT, MESSAGE.replace(b"u_1", b"u_2"))


def test_when_both_keys_fail_the_reason_of_the_current_one_is_told() -> None:
    with pytest.raises(InvalidSignatureError, match="expired"):
        check(token(exp=NOW.timestamp() - 60))
