"""A mail server that keeps what it is given, and does what tests tell it to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.listening import stop_listening


@dataclass
class MailServer:
    """What has come in; `answers` are given, one each, in place of accepting a mail.

    While `gate` is closed, what was taken gets no answer. With `drops`, the connection ends there.
    """

    url: str = ""
    received: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    drops: bool = False

    async def handle_DATA(self, smtp: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's
        """Take a mail, or refuse it."""
        if self.answers:
            return self.answers.pop(0)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        assert envelope.rcpt_tos == [message["To"]]
        self.received.append(message)
        if self.drops:
            assert isinstance(smtp.transport, asyncio.Transport)
            smtp.transport.abort()
        await self.gate.wait()
        return "250 OK"

    def sent_to(self, address: str) -> list[EmailMessage]:
        """Return what somebody was sent, the oldest first."""
        return [message for message in self.received if message["To"] == address]


@asynccontextmanager
async def receiving() -> AsyncIterator[MailServer]:
    """Lend a mail server on a free port of this machine."""
    mails = MailServer()
    mails.gate.set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mails, loop=loop, hostname="mail.test", enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    mails.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield mails
    finally:
        await stop_listening(server)
        await server.wait_closed()


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part
    text: str = part.get_content()
    return text


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part
    text: str = part.get_content()
    return text
