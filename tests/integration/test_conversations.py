"""Conversations over HTTP: searching, pinning, exporting; and what is thought of answers."""

import datetime as dt
from typing import Any
from uuid import UUID

import anyio
import httpx
import pytest
from markdown_it import MarkdownIt
from sqlalchemy import func, select, update

from api.app import create_app
from core.settings import Settings
from storage.database import Database
from storage.models import (
    ChatMessage,
    Conversation,
    ConversationWords,
    MessageFeedback,
    Run,
    new_id,
)
from tests.conftest import Creator, SignUp, new_client, new_email, serving
from tests.integration.test_accounts import code, register

PATH = "/api/conversations"
START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
FIGURE = {
    "id": "f1", "label": "followers, Instagram (mira)", "value": 24310, "unit": "count",
    "metric": "followers", "platform": "instagram", "account": "mira", "from": "2026-02-28",
    "to": "2026-02-28", "status": "final", "observations": 1,
}  # fmt: skip
BEFORE = FIGURE | {"id": "f2", "value": 24000, "from": "2026-02-01", "to": "2026-02-01"}
GROUNDING = {
    "status": "ungrounded",
    "numbers": [
        {"text": "24,310", "span": [9, 15], "value": 24310, "figure": "f1"},
        {
            "text": "310", "span": [20, 23], "value": 310, "figure": None,
            "derivation": {"kind": "difference", "figures": ["f1", "f2"]},
        },
        {"text": "5", "span": [30, 31], "value": 5, "figure": None, "is_from_question": True},
        {"text": "17 | 18", "span": [35, 37], "value": 17, "figure": None, "derivation": None},
    ],
}  # fmt: skip


class Chats:
    """A creator's conversations, written without a model."""

    def __init__(self, database: Database, user_id: UUID) -> None:
        self.database, self.user_id, self.count = database, user_id, 0

    async def add(
        self,
        title: str,
        *said: str,
        status: str = "completed",
        grounding: dict[str, Any] | None = None,
    ) -> tuple[str, list[str]]:
        """Store a conversation with questions and answers in turn; returns the ids."""
        self.count += 1
        moment = START + dt.timedelta(minutes=self.count)
        chat = {"user_id": self.user_id, "conversation_id": new_id()}
        async with self.database.user_session(self.user_id) as session:
            conversation = Conversation(
                id=chat["conversation_id"], user_id=self.user_id, title=title, updated_at=moment
            )
            session.add(conversation)
            await session.flush()
            ids = await self._say(session, chat, None, said, moment, status, grounding)
            conversation.head_id = ids[-1] if ids else None
        return str(chat["conversation_id"]), [str(each) for each in ids]

    async def say(self, conversation_id: str, text: str) -> None:
        """Let somebody ask once more."""
        chat = {"user_id": self.user_id, "conversation_id": UUID(conversation_id)}
        async with self.database.user_session(self.user_id) as session:
            conversation = await session.get_one(Conversation, UUID(conversation_id))
            head = conversation.head_id
            [said] = await self._say(session, chat, head, [text], START, "completed", None)
            conversation.head_id = said

    async def _say(
        self, session: Any, chat: Any, parent: Any, said: Any, at: Any, status: str, grounding: Any
    ) -> list[UUID]:
        ids: list[UUID] = []
        for place, text in enumerate(said):
            run_id = new_id() if place % 2 else None
            if run_id:
                run = Run(
                    id=run_id, **chat, question_id=ids[-1], agent="career", owner=new_id(),
                    lease_until=START, status=status,
                )  # fmt: skip
                session.add(run)
                await session.flush()
            tool = {"type": "dynamic-tool", "output": {"figures": [FIGURE, BEFORE]}}
            message = ChatMessage(
                id=new_id(), **chat, parent_id=parent, text=text, created_at=at, run_id=run_id,
                role="assistant" if run_id else "user", agent="career" if run_id else None,
                parts=[*([tool] if grounding and run_id else []), {"type": "text", "text": text}],
                model_used="offline" if run_id else None, grounding=grounding if run_id else None,
            )  # fmt: skip
            session.add(message)
            await session.flush()
            parent = message.id
            ids.append(message.id)
        return ids


@pytest.fixture
def chats(database: Database, creator: Creator) -> Chats:
    return Chats(database, creator.user_id)


async def titles(creator: httpx.AsyncClient, **params: Any) -> list[str]:
    response = await creator.get(PATH, params=params)
    assert response.status_code == 200, response.text
    return [item["title"] for item in response.json()["items"]]


# --- searching ---


async def test_a_search_looks_into_titles_questions_and_answers(
    creator: Creator, chats: Chats
) -> None:
    await chats.add("Spring tour", "What did I post?", "Three reels.")
    await chats.add("Numbers", "How was the TOUR?", "Fine.")
    await chats.add("Else", "And now?", "The tours go on.")
    await chats.add("Nothing", "Of that?", "No.")
    assert await titles(creator, search="tour") == ["Else", "Numbers", "Spring tour"]
    assert await titles(creator, search="tour reel") == ["Spring tour"]
    assert await titles(creator, search="missing") == []


async def test_a_search_without_words_finds_nothing_and_an_empty_one_all(
    creator: Creator, chats: Chats
) -> None:
    await chats.add("Spring", "Hi!!!")
    assert await titles(creator, search="!!!") == []
    assert await titles(creator, search="  ") == await titles(creator, search="") == ["Spring"]


@pytest.mark.parametrize("search", ["增长", "Ü", "café", "подпис", "24310", "ผู้ติดตาม", "フォロワー"])
async def test_a_search_finds_other_languages(creator: Creator, chats: Chats, search: str) -> None:
    await chats.add(
        "Tout", "粉丝增长是多少 über CAFE", "24,310 подписчиков ผู้ติดตามเพิ่มขึ้น 先月のフォロワー数"
    )
    assert await titles(creator, search=search) == ["Tout"]


@pytest.mark.parametrize("search", ["'", "\\", "a:*b", "& | !", "(", "x' | 'y", "%", "*"])
async def test_no_sign_breaks_a_search(creator: Creator, chats: Chats, search: str) -> None:
    await chats.add("Title", "Words")
    assert await titles(creator, search=search) == []


async def test_what_was_said_or_renamed_since_is_found(creator: Creator, chats: Chats) -> None:
    conversation, _ = await chats.add("First", "One")
    assert await titles(creator, search="later") == []
    await chats.say(conversation, "Something later")
    assert await titles(creator, search="later") == ["First"]
    await creator.patch(f"{PATH}/{conversation}", json={"title": "Second"})
    assert await titles(creator, search="first") == []
    assert await titles(creator, search="second") == ["Second"]


async def test_a_deleted_conversation_leaves_no_words_behind(
    creator: Creator, chats: Chats, database: Database
) -> None:
    conversation, _ = await chats.add("First", "One")
    assert await titles(creator, search="one") == ["First"]
    await creator.delete(f"{PATH}/{conversation}")
    assert await titles(creator, search="one") == []
    async with database.user_session(creator.user_id) as session:
        assert await session.scalar(select(func.count()).select_from(ConversationWords)) == 0


async def test_the_pages_of_a_search_have_every_match_once(creator: Creator, chats: Chats) -> None:
    for number in range(5):
        await chats.add(f"Tour {number}", "Hi")
        await chats.add(f"Else {number}", "Hi")
    found, cursor = [], None
    while True:
        params: dict[str, str] = {"search": "tour", "limit": "2"}
        params |= {"cursor": cursor} if cursor else {}
        page = (await creator.get(PATH, params=params)).json()
        found += [item["title"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == [f"Tour {number}" for number in range(4, -1, -1)]


async def test_searching_at_once_is_no_harm(creator: Creator, chats: Chats) -> None:
    for number in range(20):
        await chats.add(f"Tour {number}", "Hi")
    found = []

    async def search() -> None:
        found.append(len(await titles(creator, search="tour")))

    async with anyio.create_task_group() as searches:
        for _ in range(5):
            searches.start_soon(search)
    assert found == [20] * 5


async def test_another_user_finds_nothing(creator: Creator, chats: Chats, sign_up: SignUp) -> None:
    await chats.add("Secret", "Launch")
    assert await titles(creator, search="launch") == ["Secret"]
    assert await titles(await sign_up(), search="launch") == []


async def test_a_long_conversation_can_be_searched(creator: Creator, chats: Chats) -> None:
    words = " ".join(f"w{number:x}" + "ü" * 50 for number in range(20_000))
    await chats.add("Long", words, "The last words.")
    assert await titles(creator, search="last") == ["Long"]


# --- pinning and renaming ---


async def test_pinned_conversations_come_first(creator: Creator, chats: Chats) -> None:
    ids = [(await chats.add(title))[0] for title in "abcd"]
    pinned = await creator.patch(f"{PATH}/{ids[1]}", json={"pinned": True})
    assert (pinned.json()["pinned"], pinned.json()["title"]) == (True, "b")
    assert await titles(creator) == ["b", "d", "c", "a"]
    assert await titles(creator, pinned=True) == ["b"]
    assert await titles(creator, pinned=False) == ["d", "c", "a"]
    first = (await creator.get(PATH, params={"limit": 2})).json()
    assert await titles(creator, cursor=first["next"]) == ["c", "a"]
    await creator.patch(f"{PATH}/{ids[1]}", json={"pinned": False})
    assert await titles(creator) == ["d", "c", "b", "a"]


async def test_what_is_moved_while_paging_comes_no_second_time(
    creator: Creator, chats: Chats, database: Database
) -> None:
    ids = [(await chats.add(title))[0] for title in "abcdef"]
    first = (await creator.get(PATH, params={"limit": 2})).json()
    assert [item["title"] for item in first["items"]] == ["f", "e"]
    async with database.user_session(creator.user_id) as session:  # e goes on, and f and b
        moved = Conversation.title.in_(["b", "e"])
        later = START + dt.timedelta(days=1)
        await session.execute(update(Conversation).where(moved).values(updated_at=later))
    await creator.patch(f"{PATH}/{ids[5]}", json={"pinned": True})
    assert await titles(creator, cursor=first["next"]) == ["d", "c", "a"]
    assert await titles(creator) == ["f", "e", "b", "d", "c", "a"]


async def test_a_title_and_a_pin_change_alone(creator: Creator, chats: Chats) -> None:
    conversation, _ = await chats.add("Old")
    path = f"{PATH}/{conversation}"
    before = (await creator.get(path)).json()["updated_at"]
    await creator.patch(path, json={"pinned": True})
    named = (await creator.patch(path, json={"title": " New "})).json()
    assert (named["title"], named["pinned"], named["updated_at"]) == ("New", True, before)
    assert (await creator.patch(path, json={})).json() == named
    for title in ("", "   ", "x" * 201):
        assert (await creator.patch(path, json={"title": title})).status_code == 422


# --- exporting ---


async def test_an_export_for_programs_has_the_figures_behind_the_numbers(
    creator: Creator, chats: Chats
) -> None:
    conversation, (question, answer) = await chats.add(
        "My “growth”", "How did I grow?", "You have 24,310.", grounding=GROUNDING
    )
    await creator.post(f"/api/messages/{answer}/feedback", json={"rating": "up", "comment": "Yes"})
    response = await creator.get(f"{PATH}/{conversation}/export")
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Content-Disposition"] == (
        "attachment; filename=\"My-growth.json\"; filename*=UTF-8''My-growth.json"
    )
    exported = response.json()
    assert (exported["format"], exported["version"]) == ("dream-suite-conversation", 1)
    asked, told = exported["messages"]
    assert (asked["id"], asked["role"], asked["text"]) == (question, "user", "How did I grow?")
    assert (told["agent"], told["model"], told["status"]) == ("career", "offline", "completed")
    assert (told["rating"], told["comment"]) == ("up", "Yes")
    numbers = told["numbers"]
    assert numbers[0]["figures"] == [FIGURE]
    assert (numbers[1]["derivation"], numbers[1]["figures"]) == ("difference", [FIGURE, BEFORE])
    assert [number["is_from_question"] for number in numbers] == [False, False, True, False]
    assert numbers[3]["figures"] == []


async def test_an_export_for_people_reads_as_a_document(
    settings: Settings, database_url: str
) -> None:
    now = dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC)
    app = create_app(settings, database_url, clock=lambda: now)
    async with serving(app) as url, new_client(url) as client:
        registered = await register(client, new_email(), timezone="Europe/Berlin", locale="de")
        database = Database(database_url)
        chats = Chats(database, UUID(registered.json()["user"]["id"]))
        conversation, (_, answer) = await chats.add(
            "# My\n growth", "How did\nI grow?", "**24.310** so far", status="stopped",
            grounding=GROUNDING,
        )  # fmt: skip
        await database.close()
        await client.post(f"/api/messages/{answer}/feedback", json={"rating": "down"})
        response = await client.get(f"{PATH}/{conversation}/export", params={"format": "markdown"})
    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert response.text == MARKDOWN
    html = MarkdownIt().enable("table").render(response.text)
    assert html.count("<h2>") == 2
    assert html.count("<tr>") == 5


MARKDOWN = """\
# # My growth

Exported from Dream Suite on 2 March 2026, 00:30 (Europe/Berlin).

## You, 1 March 2026, 13:01

> How did
> I grow?

## Career, 1 March 2026, 13:01

**24.310** so far

*This answer was stopped before its end.*

| Number | Where it comes from |
|---|---|
| 24,310 | followers, Instagram (mira): 24.310, 2026-02-28 |
| 310 | difference of: followers, Instagram (mira): 24.310, 2026-02-28; followers, Instagram \
(mira): 24.000, 2026-02-01 |
| 5 | your question |
| 17 \\| 18 | no source |

*You rated this answer down*
"""


async def test_an_export_of_an_empty_conversation_is_no_error(
    creator: Creator, chats: Chats
) -> None:
    conversation, _ = await chats.add("/../../é")
    for kind in ("json", "markdown"):
        response = await creator.get(f"{PATH}/{conversation}/export", params={"format": kind})
        assert response.status_code == 200
        assert "/" not in response.headers["Content-Disposition"]
    assert code(await creator.get(f"{PATH}/{conversation}/export?format=pdf"))[0] == 422
    assert code(await creator.get(f"{PATH}/nothing/export")) == (404, "conversation_not_found")


async def test_an_export_of_a_real_answer_fits_its_description(creator: Creator) -> None:
    question = {"id": "real", "message": "How many followers do I have?"}
    assert (await creator.post("/api/chat", json=question)).status_code == 200
    exported = (await creator.get(f"{PATH}/real/export")).json()
    assert [message["role"] for message in exported["messages"]] == ["user", "assistant"]
    assert exported["messages"][1]["status"] == "completed"  # without any account, too


# --- feedback ---


async def test_a_rating_can_be_changed_and_taken_back(
    creator: Creator, chats: Chats, database: Database
) -> None:
    conversation, (_, answer) = await chats.add("A", "How?", "So.")
    path = f"/api/messages/{answer}/feedback"

    async def told() -> Any:
        messages = (await creator.get(f"{PATH}/{conversation}")).json()["messages"]
        return messages[1]["metadata"].get("feedback")

    first = await creator.post(path, json={"rating": "down", "comment": "  Wrong. "})
    assert first.status_code == 201
    assert (first.json()["rating"], first.json()["comment"]) == ("down", "Wrong.")
    assert await told() == {"rating": "down", "comment": "Wrong."}
    second = (await creator.post(path, json={"rating": "up"})).json()
    assert (second["rating"], second["comment"]) == ("up", None)
    assert second["created_at"] == first.json()["created_at"]
    assert await told() == {"rating": "up", "comment": None}
    async with database.user_session(creator.user_id) as session:
        assert await session.scalar(select(func.count()).select_from(MessageFeedback)) == 1
    assert (await creator.delete(path)).status_code == 204
    assert await told() is None
    assert code(await creator.delete(path)) == (404, "feedback_not_found")


async def test_only_answers_are_rated(creator: Creator, chats: Chats) -> None:
    _, (question, _) = await chats.add("A", "How?", "So.")
    rated = await creator.post(f"/api/messages/{question}/feedback", json={"rating": "up"})
    assert code(rated) == (400, "not_an_answer")
    nothing = await creator.post(f"/api/messages/{new_id()}/feedback", json={"rating": "up"})
    assert code(nothing) == (404, "message_not_found")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"rating": "up", "comment": "ü" * 2000}, 201),
        ({"rating": "up", "comment": "ü" * 2001}, 422),
        ({"rating": "up", "comment": " "}, 422),
        ({"rating": "up", "comment": None}, 201),
        ({"rating": "good"}, 422),
        ({"comment": "x"}, 422),
    ],
)
async def test_a_rating_is_up_or_down_with_a_short_comment(
    creator: Creator, chats: Chats, body: dict[str, Any], status: int
) -> None:
    _, (_, answer) = await chats.add("A", "How?", "So.")
    response = await creator.post(f"/api/messages/{answer}/feedback", json=body)
    assert response.status_code == status
