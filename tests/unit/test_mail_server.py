"""How the address of a mail server is read."""

import pytest

from platforms.mail import SmtpServer


def read(url: str) -> SmtpServer:
    return SmtpServer.from_url(url, timeout_seconds=1)


def test_an_address_has_host_port_user_and_password() -> None:
    server = read("smtps://mira%40example.com:p%40ss%3A@mail.example.com:4650")
    assert (server.host, server.port, server.is_tls) == ("mail.example.com", 4650, True)
    assert (server.user, server.password) == ("mira@example.com", "p@ss:")


@pytest.mark.parametrize(("url", "port"), [("smtps://mail", 465), ("smtp://mail", 587)])
def test_ports_are_the_usual_ones_unless_told_otherwise(url: str, port: int) -> None:
    assert read(url).port == port
