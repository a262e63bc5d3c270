"""Plans over HTTP: read, changed, exported and deleted, with what is refused."""

import csv
import datetime as dt
import io
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import anyio
import icalendar
import pytest

from domain.plans.plan import Plan
from domain.plans.stored import InvalidPlanError, change_plan, create_plan
from storage.database import Database
from storage.models import Job, new_id
from tests.conftest import Creator
from tests.integration.test_accounts import code
from tests.unit.plans.test_rules import OTHER, item
from tests.unit.plans.test_rules import plan as sample


async def add_plan(database: Database, creator: Creator, **fields: Any) -> str:
    """Store a plan as a job does."""
    plan_id = new_id()
    async with database.user_session(creator.user_id) as session:
        job = Job(
            id=new_id(), user_id=creator.user_id, kind="content_calendar", input={}, attempt_limit=1
        )
        session.add(job)
        await session.flush()
        items = fields.pop("items", ())
        plan = sample(*items, **fields)
        await create_plan(session, creator.user_id, job.id, plan, plan_id=plan_id)
    return str(plan_id)


@pytest.fixture
async def plan_id(database: Database, creator: Creator) -> str:
    return await add_plan(database, creator)


async def read(creator: Creator, plan_id: str) -> dict[str, Any]:
    response = await creator.get(f"/api/plans/{plan_id}")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_a_plan_has_its_parts_its_job_and_its_newest_version(
    creator: Creator, plan_id: str
) -> None:
    plan = await read(creator, plan_id)
    assert (plan["id"], plan["newest_id"], plan["version"]) == (plan_id, plan_id, 1)
    assert [each["hook"] for each in plan["items"]] == ["The step nobody films", "Ask me anything"]
    assert plan["figures"][0]["from"] == "2026-01-01"
    [listed] = (await creator.get("/api/plans")).json()["items"]
    assert listed == {
        "id": plan_id, "job_id": plan["job_id"], "version": 1, "title": "A week",
        "template": "content_calendar", "goal": "Reach 25,000 followers", "start": "2026-12-07",
        "end": "2026-12-13", "platforms": ["instagram"], "posts": 2,
        "created_at": plan["created_at"],
    }  # fmt: skip


async def test_a_change_makes_a_version_and_every_version_stays(
    creator: Creator, plan_id: str
) -> None:
    changed = await creator.patch(f"/api/plans/{plan_id}", json={"title": "Mine"})
    assert changed.status_code == 200, changed.text
    new_id_ = changed.json()["id"]
    assert new_id_ != plan_id
    assert changed.json() == await read(creator, new_id_)
    old = await read(creator, plan_id)
    assert (old["title"], old["newest_id"], old["version"]) == ("A week", new_id_, 1)
    assert [each["id"] for each in (await creator.get("/api/plans")).json()["items"]] == [new_id_]
    for each in (plan_id, new_id_):
        versions = (await creator.get(f"/api/plans/{each}/versions")).json()["items"]
        assert [(found["id"], found["title"]) for found in versions] == [
            (new_id_, "Mine"),
            (plan_id, "A week"),
        ]


async def test_only_the_newest_version_can_be_changed(creator: Creator, plan_id: str) -> None:
    newest = (await creator.patch(f"/api/plans/{plan_id}", json={"title": "Mine"})).json()["id"]
    late = await creator.patch(f"/api/plans/{plan_id}", json={"title": "Late"})
    assert code(late) == (409, "plan_changed")
    assert late.json()["newest_id"] == newest
    again = await creator.patch(f"/api/plans/{newest}", json={"title": "Third"})
    assert again.json()["version"] == 3


async def test_of_changes_at_the_same_moment_one_counts(creator: Creator, plan_id: str) -> None:
    statuses: list[int] = []

    async def change(title: str) -> None:
        answer = await creator.patch(f"/api/plans/{plan_id}", json={"title": title})
        statuses.append(answer.status_code)

    async with anyio.create_task_group() as hands:
        for number in range(5):
            hands.start_soon(change, f"Title {number}")
    assert sorted(statuses) == [200, 409, 409, 409, 409]
    versions = (await creator.get(f"/api/plans/{plan_id}/versions")).json()["items"]
    assert len(versions) == 2


@pytest.mark.parametrize("body", [{}, {"title": None}, {"title": "A week"}, {"goal": "Another"}])
async def test_what_changes_nothing_makes_no_version(
    creator: Creator, plan_id: str, body: dict[str, Any]
) -> None:
    before = await read(creator, plan_id)
    answer = await creator.patch(f"/api/plans/{plan_id}", json=body)
    assert answer.json() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "String should have at most 200 characters"),
        ({"items": [item(hook=" ")]}, "String should have at least 1 character"),
        ({"items": [{"date": "never"}]}, "items"),
        ({"items": [item(platform="tiktok")]}, "items"),
        ({"routine": [{"weekday": "Noday", "minutes": 30, "task": "x"}]}, "routine"),
        ({"notes": ["\0"]}, ""),
    ],
)
async def test_what_a_plan_cannot_be_is_refused_by_its_field(
    creator: Creator, plan_id: str, body: dict[str, Any], field: str
) -> None:
    answer = await creator.patch(f"/api/plans/{plan_id}", json=body)
    assert code(answer) == (422, "validation_failed")
    assert field in str(answer.json()["errors"])
    assert len((await creator.get(f"/api/plans/{plan_id}/versions")).json()["items"]) == 1


async def test_a_deleted_plan_is_gone_with_every_version(creator: Creator, plan_id: str) -> None:
    newest = (await creator.patch(f"/api/plans/{plan_id}", json={"title": "Mine"})).json()["id"]
    assert (await creator.delete(f"/api/plans/{plan_id}")).status_code == 204
    for each in (plan_id, newest):
        assert code(await creator.get(f"/api/plans/{each}")) == (404, "plan_not_found")
    assert (await creator.get("/api/plans")).json()["items"] == []
    assert code(await creator.delete(f"/api/plans/{newest}")) == (404, "plan_not_found")


@pytest.mark.parametrize("path", ["", "/versions", "/export?format=csv"])
async def test_what_is_no_plan_answers_404(creator: Creator, path: str) -> None:
    assert code(await creator.get(f"/api/plans/{uuid4()}{path}")) == (404, "plan_not_found")
    assert code(await creator.get(f"/api/plans/none{path}")) == (422, "validation_failed")


async def test_what_one_has_already_is_not_sent_again(creator: Creator, plan_id: str) -> None:
    for path in ("/api/plans", f"/api/plans/{plan_id}"):
        first = await creator.get(path)
        known = {"If-None-Match": first.headers["ETag"]}
        again = await creator.get(path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        newest = (await read(creator, plan_id))["newest_id"]
        await creator.patch(f"/api/plans/{newest}", json={"title": path})
        assert (await creator.get(path, headers=known)).status_code == 200


# --- files ---


async def test_a_plan_as_a_table_reads_back_and_holds_no_formula(
    creator: Creator, database: Database
) -> None:
    wide = item(hook="＝1+1", time="19:00")  # noqa: RUF001  # a formula where Japanese is written
    items = (item(hook="=HYPERLINK(1)", caption="Zeilen\n„und“ 🎶"), wide, OTHER)
    plan_id = await add_plan(database, creator, items=items, title="Ääh / ../.. \r\n“x”")
    answer = await creator.get(f"/api/plans/{plan_id}/export", params={"format": "csv"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"h-x.csv\"; filename*=UTF-8''%C3%84%C3%A4h-x.csv"
    )
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["hook"] for row in rows] == ["'=HYPERLINK(1)", "'＝1+1", "Ask me anything"]  # noqa: RUF001
    assert rows[0]["caption"] == "Zeilen\n„und“ 🎶"


async def test_a_plan_as_a_calendar_is_on_the_creators_clock_also_where_it_changes(
    creator: Creator, database: Database
) -> None:
    items = (item(date="2026-10-24"), item(date="2026-10-25", hook="Another"))
    plan_id = await add_plan(
        database, creator, items=items, start="2026-10-19", end="2026-10-25", title="🎶"
    )
    answer = await creator.get(f"/api/plans/{plan_id}/export", params={"format": "ics"})
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert 'filename="plan.ics"' in answer.headers["Content-Disposition"]
    calendar = icalendar.Calendar.from_ical(answer.content)
    assert isinstance(calendar, icalendar.Calendar)
    assert not calendar.errors
    starts = [event.start for event in calendar.events]
    berlin = ZoneInfo("Europe/Berlin")
    assert starts == [
        dt.datetime(2026, 10, 24, 18, tzinfo=berlin),
        dt.datetime(2026, 10, 25, 18, tzinfo=berlin),
    ]
    utc = [each.astimezone(dt.UTC).hour for each in starts if isinstance(each, dt.datetime)]
    assert utc == [16, 17]


@pytest.mark.parametrize("query", ["", "?format=pdf"])
async def test_a_file_has_a_known_format(creator: Creator, plan_id: str, query: str) -> None:
    answer = await creator.get(f"/api/plans/{plan_id}/export{query}")
    assert code(answer) == (422, "validation_failed")


# --- what a creator may write, and files have to bear ---

ODD = 'a\rATTACH:x\x0bX-B:1\x85X-C:1\u2028X-D:1\x1b;,\\n"\nEND:VEVENT'


@pytest.mark.parametrize("file_format", ["csv", "ics"])
async def test_line_ends_and_control_characters_break_no_file(
    creator: Creator, plan_id: str, file_format: str
) -> None:
    odd = item(hook=ODD, caption=ODD, format=ODD, pillar=ODD)
    changed = await creator.patch(f"/api/plans/{plan_id}", json={"title": ODD, "items": [odd]})
    line = 'a ATTACH:x X-B:1 X-C:1 X-D:1;,\\n" END:VEVENT'
    assert changed.json()["title"] == changed.json()["items"][0]["hook"] == line
    path = f"/api/plans/{changed.json()['id']}/export"
    exported = await creator.get(path, params={"format": file_format})
    assert exported.status_code == 200, exported.text
    assert not set("\0\x0b\x1b\x85\u2028") & set(exported.content.decode())
    if file_format == "csv":
        _, row = csv.reader(io.StringIO(exported.text, newline=""))
        assert row[6:8] == [line, line.replace(" ", "\n")]
    else:
        calendar = icalendar.Calendar.from_ical(exported.content)
        [event] = calendar.walk("VEVENT")
        assert len(str(calendar["x-wr-calname"]).splitlines()) == 1
        assert event["summary"] == f"Instagram {line}: {line}"
        assert str(event["description"]).startswith(line.replace(" ", "\n"))
        assert "attach" not in event


async def test_times_of_posts_are_those_of_the_creators_clock(
    creator: Creator, plan_id: str
) -> None:
    items = [item(time="18:00"), item(time="09:30Z"), item(time="09:15+02:00")]
    changed = await creator.patch(f"/api/plans/{plan_id}", json={"items": items})
    times = [each["time"] for each in changed.json()["items"]]
    assert times == ["18:00:00", "09:30:00", "09:15:00"]
    for file_format in ("csv", "ics"):
        path = f"/api/plans/{changed.json()['id']}/export"
        exported = await creator.get(path, params={"format": file_format})
        assert exported.status_code == 200, exported.text


@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31"])
async def test_a_post_is_in_this_age(creator: Creator, plan_id: str, date: str) -> None:
    refused = await creator.patch(f"/api/plans/{plan_id}", json={"items": [item(date=date)]})
    assert code(refused) == (422, "validation_failed")
    assert [each["field"] for each in refused.json()["errors"]] == ["body.items.0.date"]


async def test_a_change_that_cannot_be_read_back_is_refused(
    creator: Creator, database: Database, plan_id: str
) -> None:
    def put_far_ahead(plan: Plan) -> Plan:
        late = plan.items[0].model_copy(update={"date": dt.date(9999, 12, 31)})
        return plan.model_copy(update={"items": [late]})

    async with database.user_session(creator.user_id) as session:
        with pytest.raises(InvalidPlanError, match=r"items\.0\.date"):
            await change_plan(session, UUID(plan_id), put_far_ahead)
    assert (await read(creator, plan_id))["version"] == 1
