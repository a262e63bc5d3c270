"""Settings: what they mean, and that the README tells the truth about them."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.engine_settings import EngineSettings
from core.model_settings import ModelSettings, PlanModelSettings, TrendsModelSettings
from core.settings import InvalidSettingsError, Settings, read_settings
from tests.conftest import SealedModelSettings, SealedSettings

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_names_every_setting_and_no_other() -> None:
    rows = [line for line in README.read_text().splitlines() if line.startswith("| `")]
    named = {line.split("`")[1] for line in rows if line.split("`")[1].isupper()}
    assert named == environment_names()


def environment_names() -> set[str]:
    groups = {"chat", "plan", "trends", "engines"}
    names = {name.upper() for name in Settings.model_fields if name not in groups}
    names |= {name.upper() for name in EngineSettings.model_fields}
    for role in (ModelSettings, PlanModelSettings, TrendsModelSettings):
        for field in role.model_fields.values():
            alias = field.validation_alias
            assert alias is not None
            names |= {str(choice) for choice in alias.choices}  # type: ignore[union-attr]
    return names


@pytest.mark.parametrize("name", ["CRON_SECRET", "CALLBACK_SECRET"])
def test_a_short_secret_is_refused_in_words(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "short")
    with pytest.raises(InvalidSettingsError, match=f"{name}: use 16 characters or more"):
        read_settings()


def test_without_a_key_the_model_is_offline() -> None:
    assert SealedModelSettings().spec == "offline"


@pytest.mark.parametrize("given", [{"api_key": "k"}, {"base_url": "http://localhost:11434/v1"}])
def test_a_key_or_a_base_url_turns_the_model_on(given: dict[str, Any]) -> None:
    assert SealedModelSettings(**given).spec.startswith("openai:")


def test_the_role_s_own_key_wins_over_the_common_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "common")
    monkeypatch.setenv("CHAT_API_KEY", "own")
    key = ModelSettings().api_key
    assert key
    assert key.get_secret_value() == "own"


def test_plans_are_written_by_the_chat_s_model_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHAT_MODEL", "openai:small")
    monkeypatch.setenv("CHAT_BASE_URL", "http://localhost:11434/v1")
    monkeypatch.setenv("PLAN_TEMPERATURE", "0.2")
    assert (PlanModelSettings().spec, PlanModelSettings().temperature) == ("openai:small", 0.2)
    monkeypatch.setenv("PLAN_MODEL", "openai:large")
    assert PlanModelSettings().spec == "openai:large"
    assert ModelSettings().spec == "openai:small"


def test_a_key_for_all_roles_does_not_make_a_model_know_trends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "common")
    monkeypatch.setenv("CHAT_MODEL", "openai:small")
    assert TrendsModelSettings().spec == "offline"
    monkeypatch.setenv("TRENDS_MODEL", "openai:sonar")
    assert TrendsModelSettings().spec == "openai:sonar"


def test_a_model_without_key_and_address_is_named_by_its_role(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRENDS_MODEL", "openai:sonar")
    with pytest.raises(ValidationError, match="TRENDS_API_KEY"):
        TrendsModelSettings()


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("a.b", False)],  # noqa: S104
)
def test_the_demo_creator_exists_on_loopback_only(host: str, is_loopback: bool) -> None:
    assert SealedSettings(host=host).has_demo is is_loopback
    assert SealedSettings(host=host).is_cookie_secure is not is_loopback


def test_the_demo_creator_does_not_exist_in_an_operator_s_database() -> None:
    assert not SealedSettings(database_url="postgresql://x/y").has_demo


def test_allowed_hosts_come_as_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example, b.example")
    assert Settings().allowed_hosts == ("a.example", "b.example")


def test_trusted_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SealedSettings().trusted_proxies == ()
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8, ::1,192.0.2.1")
    assert Settings().trusted_proxies == ("10.0.0.0/8", "::1", "192.0.2.1")
    assert SealedSettings(trusted_proxies="*").trusted_proxies == ("*",)


@pytest.mark.parametrize("proxies", ["proxy.example", "10.0.0.1/8", "10.0.0.0/33", "*, ::1", "10."])
def test_a_trusted_proxy_that_would_never_match_is_refused(proxies: str) -> None:
    with pytest.raises(ValidationError, match=r"10\.0\.0\.0/8"):
        SealedSettings(trusted_proxies=proxies)


def test_secrets_are_not_printed() -> None:
    settings = SealedSettings(database_url="postgresql://u:hunter2@x/y")
    assert "hunter2" not in repr(settings)


def test_a_migration_database_needs_a_database() -> None:
    with pytest.raises(ValidationError):
        SealedSettings(migration_database_url="postgresql://x/y")


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example.com",
        "smtp://",
        "smtps://mail.example.com:99999999",
        "smtp://a b",
        "mail",
    ],
)
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="smtps://user:password@host:465"):
        SealedSettings(mail_url=url)


def test_a_mail_server_needs_a_sender_and_an_address_for_links() -> None:
    given: dict[str, Any] = {"mail_url": "smtps://mira:p%40ss@mail.example.com:465"}
    for missing in ("public_url", "mail_from"):
        whole: dict[str, Any] = {
            "public_url": "https://suite.example.com",
            "mail_from": "suite@example.com",
        }
        assert SealedSettings(**given, **whole).base_url == "https://suite.example.com"
        del whole[missing]
        with pytest.raises(ValidationError, match="PUBLIC_URL"):
            SealedSettings(**given, **whole)


def test_links_lead_to_the_server_unless_told_otherwise() -> None:
    assert SealedSettings(port=8123).base_url == "http://127.0.0.1:8123"
    assert SealedSettings(host="::1", port=8123).base_url == "http://[::1]:8123"
    assert SealedSettings(host="0.0.0.0", port=8123).base_url == "http://127.0.0.1:8123"  # noqa: S104  # bound by nobody


@pytest.mark.parametrize("sender", ["nobody", "a@b\r\nBcc: c@d", "Suite <a b@c>", "<a@b> x"])
def test_what_is_no_sender_is_refused(sender: str) -> None:
    with pytest.raises(ValidationError, match="mail_from"):
        SealedSettings(mail_from=sender)
