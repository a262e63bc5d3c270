"""What a page shows when its server is killed in mid-answer and another is started."""

from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import expect

from core.settings import Settings
from tests.browser.chatting import answers, ask, expect_answer
from tests.browser.conftest import Call, Complaints, NewBrowser
from tests.browser.relay import relaying
from tests.e2e.scripted_model import ScriptedModel, gate, says
from tests.e2e.test_chat_crash import other_server

LEASE_SECONDS = "2"


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


def test_an_answer_whose_server_was_killed_can_be_asked_for_again(
    new_page: NewBrowser,
    model: ScriptedModel,
    call: Call,
    portal: BlockingPortal,
    database_url: str,
    tmp_path: Path,
    complaints: Complaints,
) -> None:
    complaints.allow("net::ERR_")
    call(model.follow, says("The beginning", gate("never")))
    lease = {"LEASE_SECONDS": LEASE_SECONDS}
    with (
        other_server(tmp_path, database_url, model, **lease) as (process, url),
        portal.wrap_async_context_manager(relaying(url)) as relay,
    ):
        page = new_page("new", base_url=relay.url)
        page.add_init_script("localStorage.setItem('agent', 'career')")
        page.goto("/")
        ask(page, "Talk")
        expect(answers(page).last).to_contain_text("The beginning")
        process.kill()
        call(relay.break_down)
        expect(page.get_by_text("Connecting again")).to_be_visible()
        with other_server(tmp_path, database_url, model, **lease) as (_, other_url):
            call(relay.mend, other_url)
            expect(expect_answer(page, "The beginning")).to_contain_text("Unfinished")
            call(model.follow, says("The whole answer."))
            page.get_by_role("button", name="Regenerate").click()
            expect_answer(page, "The whole answer.")
            page.close()
