"""Sending mail: to an SMTP server, or into files that every mail program opens."""

import asyncio
import datetime as dt
import re
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib
from email_validator import validate_email

# An SMTP server that answers 5xx will say the same next time (RFC 5321, section 4.2.1).
PERMANENT = 500


class MailNotSentError(Exception):
    """The mail could not be sent now; another try may do it. The message is for operators."""


class MailRefusedError(Exception):
    """The mail server will never take this mail. The message is for operators."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail to one person. `name` is the same each time it is sent, and in its Message-ID.

    At `unsubscribe_url`, if there is one, a POST ends mails of its kind (RFC 8058).
    """

    name: str
    to: str
    subject: str
    text: str
    html: str
    created_at: dt.datetime
    unsubscribe_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """A mail server, as `smtp(s)://user:password@host:port` names it."""

    host: str
    port: int
    is_tls: bool
    user: str | None
    password: str | None
    timeout_seconds: float

    @classmethod
    def from_url(cls, url: str, *, timeout_seconds: float) -> "SmtpServer":
        """Read a MAIL_URL, whose form the settings have checked."""
        parts = urlsplit(url)
        is_tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (465 if is_tls else 587),
            is_tls=is_tls,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            timeout_seconds=timeout_seconds,
        )

    async def send(self, letter: Letter, sender: str) -> None:
        """Hand a letter over. Raises `MailNotSentError`, `MailRefusedError`."""
        message = build_message(letter, sender)
        try:
            async with asyncio.timeout(self.timeout_seconds):
                await aiosmtplib.send(
                    message,
                    hostname=self.host,
                    port=self.port,
                    username=self.user,
                    password=self.password,
                    use_tls=self.is_tls,
                    start_tls=self._start_tls(),
                    timeout=self.timeout_seconds,
                )
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
            if _is_permanent(error):
                raise MailRefusedError(str(error)) from error
            raise MailNotSentError(str(error)) from error
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:  # also TimeoutError
            raise MailNotSentError(repr(error)) from error

    def _start_tls(self) -> bool | None:
        """Whether the connection has to be encrypted first; null lets the server decide.

        A password never goes over a network in plain text.
        """
        if self.is_tls:
            return False
        return True if self.user and not _is_loopback(self.host) else None


@dataclass(frozen=True, kw_only=True)
class MailFolder:
    """A folder that mails are written into instead of being sent, one `.eml` file each."""

    path: Path

    async def send(self, letter: Letter, sender: str) -> None:
        """Write a letter; the same letter again takes the place of the first."""
        await asyncio.to_thread(self._write, letter, sender)

    def _write(self, letter: Letter, sender: str) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.path / f"{letter.created_at:%Y%m%dT%H%M%S}-{letter.name}.eml"
        draft = path.with_suffix(".tmp")
        try:
            draft.write_bytes(build_message(letter, sender).as_bytes())
            draft.replace(path)
        except OSError as error:
            raise MailNotSentError(repr(error)) from error


def build_message(letter: Letter, sender: str) -> EmailMessage:
    """Return a letter as a message with a text and an HTML part."""
    to = _ascii_domain(letter.to)
    # Only the part before the @ has no form in plain ASCII (RFC 6531).
    message = EmailMessage(policy=SMTP if to.isascii() else SMTPUTF8)
    name, address = parseaddr(sender)
    message["From"] = Address(_one_line(name), addr_spec=address)
    message["To"] = to
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.name}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies to it
    if letter.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _ascii_domain(address: str) -> str:
    """Return the address with the domain as DNS has it.

    Python's own `idna` codec is that of 2003: it would write to strasse.de for straße.de, which
    may be somebody else's.
    """
    if address.isascii():
        return address
    domain = validate_email(address, check_deliverability=False).ascii_domain
    return f"{address.rpartition('@')[0]}@{domain}"


def _one_line(text: str) -> str:
    """Return text that cannot begin another header."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", " ", text).split())


def _is_permanent(
    error: aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPResponseException,
) -> bool:
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            return all(each.code >= PERMANENT for each in error.recipients)
        case aiosmtplib.SMTPSenderRefused() | aiosmtplib.SMTPAuthenticationError():
            return False  # ours to put right: MAIL_FROM, or the password of MAIL_URL
        case aiosmtplib.SMTPRecipientRefused() | aiosmtplib.SMTPDataError():
            return error.code >= PERMANENT
        case _:
            return False


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
