"""The pages that links in mails lead to. They need neither a sign-in nor a script.

Opening a link changes nothing, since mail programs open links by themselves: a button does.
"""

import hashlib
from base64 import b64encode
from collections.abc import Awaitable, Callable
from html import escape
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse

from api import passwords as passwords_api
from api.deps import ClientAddressDep, SignInLimitsDep, SuiteDep
from core.errors import AppError
from domain import mail, passwords
from domain.accounts import PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH
from domain.mail_letters import RESET_PATH, UNSUBSCRIBE_PATH, VERIFY_PATH
from storage.models import NotificationType

router = APIRouter(include_in_schema=False)

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 26rem; margin: 12vh auto 0; padding: 0 1rem;
  background: light-dark(#f7f7fa, #1f1f1f); }
main { padding: 1.5rem; border: 1px solid light-dark(#dee2e6, #424242); border-radius: 1rem;
  background: light-dark(#fff, #242424); }
header { text-align: center; margin-bottom: 1.5rem; font-weight: 650; }
header img { display: block; margin: 0 auto .5rem; }
h1 { margin: 0; font-size: 1.4rem; line-height: 1.25; }
label { display: block; margin: 1rem 0 .25rem; }
input { box-sizing: border-box; width: 100%; padding: .6rem; font: inherit; }
button { margin-top: 1rem; padding: .7rem 1.2rem; border: 0; border-radius: .5rem; font: inherit;
  font-weight: 600; background: #6741d9; color: #fff; cursor: pointer; }
nav { margin-top: 1.25rem; text-align: center; }
a { color: light-dark(#6741d9, #b197fc); }
"""
STYLE_HASH = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; img-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the address has a token
}
ABOUT = {
    NotificationType.INSIGHT: "mornings with news",
    NotificationType.PLAN_READY: "plans that are ready",
    NotificationType.JOB_FAILED: "work that has failed",
}
BAD_REQUEST = 400
FORGOT_PATH = "/forgot-password"
SIGN_IN = ("/", "To the sign-in")
NEW_LINK = (RESET_PATH, "Ask for a new link")
# Where one is signed in, these open at once; else after the sign-in.
VERIFICATION = ("/settings/profile", "Ask for a new mail in your settings")
CHANNELS = ("/settings/notifications", "What you are told")

Token = Annotated[str, Query(max_length=200)]
FormToken = Annotated[str, Form(max_length=200)]
Link = tuple[str, str]


@router.get(UNSUBSCRIBE_PATH)
async def ask_to_unsubscribe(suite: SuiteDep, token: Token = "") -> HTMLResponse:
    async def find() -> HTMLResponse:
        async with suite.database.service_session() as session:
            user, kind = await mail.find_subscription(session, token)
        text = f"You ({user.email}) will get no more mails about {ABOUT[kind]}."
        action = f"{UNSUBSCRIBE_PATH}?token={token}"
        return _page("Unsubscribe?", text, _form(action, "Unsubscribe"))

    return await _answer(find, otherwise=CHANNELS)


@router.post(UNSUBSCRIBE_PATH)
async def unsubscribe(suite: SuiteDep, token: Token = "") -> HTMLResponse:
    """Also what mail programs send by themselves when their user says so (RFC 8058)."""

    async def end() -> HTMLResponse:
        async with suite.database.service_session() as session:
            kind = await mail.unsubscribe(session, token)
        text = f"You get no more mails about {ABOUT[kind]}. Your settings turn them on again."
        return _page("Done", text, link=CHANNELS)

    return await _answer(end, otherwise=CHANNELS)


@router.get(VERIFY_PATH)
async def ask_to_verify(token: Token = "") -> HTMLResponse:
    form = _form(VERIFY_PATH, "Yes, it is mine", _hidden(token))
    return _page("Is this your address?", "Then Dream Suite may write to you there.", form)


@router.post(VERIFY_PATH)
async def verify(suite: SuiteDep, token: FormToken = "") -> HTMLResponse:
    async def note() -> HTMLResponse:
        await passwords.verify_email(suite.database, token, now=suite.clock())
        return _page("Thank you", "Your address is verified.", link=("/", "To Dream Suite"))

    return await _answer(note, otherwise=VERIFICATION)


@router.get(RESET_PATH)
async def ask_for_password(suite: SuiteDep, token: Token = "") -> HTMLResponse:
    async def ask() -> HTMLResponse:
        await passwords.check_reset_token(suite.database, token, now=suite.clock())
        return _password_page(token)

    if token:
        return await _answer(ask, otherwise=NEW_LINK)
    field = (
        '<label for="email">E-mail</label>'
        '<input id="email" name="email" type="email" autocomplete="email" required>'
    )
    text = "We send a link to your address, by which you choose a new one."
    return _page("Forgotten your password?", text, _form(FORGOT_PATH, "Send the link", field))


@router.post(FORGOT_PATH)
async def forget(
    suite: SuiteDep,
    limits: SignInLimitsDep,
    address: ClientAddressDep,
    email: Annotated[str, Form(max_length=254)] = "",
) -> HTMLResponse:
    async def send() -> HTMLResponse:
        await passwords_api.forget(suite, limits, address, email.replace("\0", ""))
        text = "If there is an account with this address, a mail is on its way."
        return _page("Look into your mail", text)

    return await _answer(send)


@router.post(RESET_PATH)
async def reset(
    suite: SuiteDep,
    token: FormToken = "",
    password: Annotated[str, Form(max_length=1000)] = "",
) -> HTMLResponse:
    async def change() -> HTMLResponse:
        if not PASSWORD_MIN_LENGTH <= len(password) <= PASSWORD_MAX_LENGTH:
            told = f"It has to have {PASSWORD_MIN_LENGTH} to {PASSWORD_MAX_LENGTH} characters."
            return _password_page(token, told=told, status=BAD_REQUEST)
        await passwords.reset_password(suite.database, token, password, now=suite.clock())
        return _page("Done", "Sign in with your new password. All other sign-ins have ended.")

    return await _answer(change, otherwise=NEW_LINK)


async def _answer(
    work: Callable[[], Awaitable[HTMLResponse]], *, otherwise: Link = SIGN_IN
) -> HTMLResponse:
    """Return the page of what was done, or of why it was not and where to go on then."""
    try:
        return await work()
    except AppError as error:
        return _page("This did not work", error.detail, status=error.status, link=otherwise)


def _password_page(token: str, *, told: str = "", status: int = 200) -> HTMLResponse:
    field = (
        '<label for="password">New password</label><input id="password" name="password" '
        f'type="password" autocomplete="new-password" minlength="{PASSWORD_MIN_LENGTH}" '
        f'maxlength="{PASSWORD_MAX_LENGTH}" required>'
    )
    form = _form(RESET_PATH, "Save it", _hidden(token) + field)
    text = f"It has to have at least {PASSWORD_MIN_LENGTH} characters. All your sign-ins end."
    return _page("Choose a new password", told or text, form, status=status)


def _page(
    title: str, text: str, form: str = "", *, status: int = 200, link: Link = SIGN_IN
) -> HTMLResponse:
    address, label = link
    content = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{escape(title)} – Dream Suite</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="/favicon.svg"><style>{STYLE}</style>'
        '<header><img src="/favicon.svg" width="48" height="48" alt="">Dream Suite</header>'
        f'<main><h1>{escape(title)}</h1><p role="status">{escape(text)}</p>{form}</main>'
        f'<nav><a href="{escape(address)}">{escape(label)}</a></nav></html>'
    )
    return HTMLResponse(content, status, headers=HEADERS)


def _form(action: str, label: str, fields: str = "") -> str:
    return (
        f'<form method="post" action="{escape(action)}">{fields}'
        f'<button type="submit">{escape(label)}</button></form>'
    )


def _hidden(token: str) -> str:
    return f'<input type="hidden" name="token" value="{escape(token)}">'
