"""Every page, and how to get to what it shows: what axe looks at, and what is photographed."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from core.clock import utc_now
from tests.browser.chatting import answers, ask, expect_answer
from tests.browser.test_connections import BAD, import_file
from tests.browser.test_plans import begin_plan

GOAL = "More listeners before the tour"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page, and whose it is."""

    show: Callable[[Page], None]
    user: str | None = "demo"
    # What its browser complains of, rightly.
    complaints: tuple[str, ...] = ()


def sign_in(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("button", name="Try the demo")).to_be_visible()


def register(page: Page) -> None:
    sign_in(page)
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_role("button", name="Create account")).to_be_visible()


def forgotten_password(page: Page) -> None:
    page.goto("/reset-password")
    expect(page.get_by_role("button", name="Send the link")).to_be_visible()


def used_link(page: Page) -> None:
    page.goto("/reset-password?token=used-already")
    expect(page.get_by_role("link", name="Ask for a new link")).to_be_visible()


def expect_sides(page: Page) -> None:
    """Wait for what stands around the chat; on a phone it is in drawers."""
    if page.get_by_role("button", name="Open the menu").count():
        return
    expect(page.get_by_role("region", name="Platforms")).to_contain_text("%")
    expect(page.get_by_role("region", name="Goals")).to_contain_text("25,000 followers")


def welcome(page: Page) -> None:
    assert page.context.request.post("/api/insights/generate").ok
    page.goto("/")
    expect(page.get_by_role("button", name=re.compile("^Which platform grew"))).to_be_visible()
    expect_sides(page)


def first_steps(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("region", name="First steps")).to_be_visible()


def answer(page: Page) -> None:
    """Show an answer with what it was read from, and the source of a number."""
    page.goto("/")
    ask(page, "How did I grow last month?")
    found = expect_answer(page, "You gained")
    expect_sides(page)
    found.get_by_role("button", name="Growth").first.click()
    number = answers(page).last.get_by_role("button", name=re.compile("^[0-9,]+$")).first
    number.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def approval(page: Page) -> None:
    page.goto("/")
    ask(page, "Set a goal of 80000 followers on Instagram by 2029-06-30")
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    expect_sides(page)


def palette(page: Page) -> None:
    welcome(page)
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="New chat")).to_be_visible()
    expect(dialog.get_by_role("button", name=re.compile("^Which platform grew"))).to_be_visible()


def analytics(page: Page) -> None:
    page.goto("/analytics?compare=1")
    for title in ("Follower growth", "Top posts", "Best times", "Goal pace"):
        chart = page.get_by_role("region", name=title, exact=True)
        expect(chart.get_by_role("button", name="show as a table")).to_be_visible()
    lines = page.get_by_role("region", name="Follower growth").locator("svg.recharts-surface")
    expect(lines.first).to_be_visible()


def make_plan(page: Page) -> None:
    """Ask for a plan of the next month, unless it is there, and wait until it is in the list."""
    known = page.context.request.get("/api/plans").json()["items"]
    if not any(GOAL in each["title"] for each in known):
        ask_for_plan(page)
    page.goto("/plans")
    expect(page.get_by_role("article", name=re.compile(GOAL)).first).to_be_visible()


def ask_for_plan(page: Page) -> None:
    start = (utc_now().date().replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    wishes = {
        "goal": GOAL,
        "platforms": ["instagram", "youtube"],
        "posts_per_week": 4,
        "start": str(start),
        "end": str(start + dt.timedelta(days=27)),
    }
    body = {"kind": "content_calendar", "input": wishes}
    assert page.context.request.post("/api/jobs", data=body).ok


def plans(page: Page) -> None:
    make_plan(page)
    expect(page.get_by_role("region", name="Jobs")).to_contain_text("Done")


def plan(page: Page) -> None:
    make_plan(page)
    page.get_by_role("link", name=re.compile(GOAL)).first.click()
    expect(page.get_by_role("region", name="Weeks")).to_be_visible()
    posts = page.locator("[data-event-id]").or_(
        page.get_by_role("button", name=re.compile("^Edit"))
    )
    expect(posts.first).to_be_visible()


def post_of_a_plan(page: Page) -> None:
    plan(page)
    page.get_by_text("List", exact=True).click()
    page.get_by_role("button", name=re.compile("^Edit: ")).first.click()
    expect(page.get_by_label("First words")).to_be_visible()


def new_plan(page: Page) -> None:
    begin_plan(page, GOAL)


def job(page: Page) -> None:
    plans(page)
    jobs = page.get_by_role("region", name="Jobs")
    jobs.get_by_role("link", name="Content calendar").first.click()
    expect(page.get_by_role("link", name="Open the plan")).to_be_visible()


def connections(page: Page) -> None:
    page.goto("/connections")
    expect(page.get_by_role("article", name="idawrenfeldmusic, YouTube")).to_be_visible()


def refused_import(page: Page) -> None:
    page.goto("/connections")
    import_file(page, BAD)
    expect(page.get_by_role("table", name="Refused rows")).to_be_visible()


def notifications(page: Page) -> None:
    plans(page)
    page.get_by_role("button", name=re.compile("^Notifications")).click()
    drawer = page.get_by_role("dialog", name="Notifications")
    expect(drawer.get_by_role("article").filter(has_text=GOAL).first).to_be_visible()


def settings_page(section: str, heading: str) -> Callable[[Page], None]:
    def show(page: Page) -> None:
        page.goto(f"/settings/{section}")
        expect(page.get_by_text(heading, exact=True).first).to_be_visible()

    return show


def admin(page: Page) -> None:
    """Show jobs, of which one is the administrator's own."""
    start = utc_now().date() + dt.timedelta(days=7)
    wishes = {
        "goal": "A first thousand listeners",
        "niche": "quiet indie folk",
        "hours_per_week": 6,
        "platforms": ["instagram"],
        "posts_per_week": 3,
        "start": str(start),
        "weeks": 2,
    }
    body = {"kind": "onboarding", "input": wishes}
    assert page.context.request.post("/api/jobs", data=body).ok
    page.goto("/admin")
    page.get_by_role("radio", name="Done").click()
    page.get_by_role("article").first.get_by_role("button", name="Details").click()
    expect(page.get_by_role("region", name="Attempts")).to_contain_text("completed")


def nothing(page: Page) -> None:
    page.goto("/nowhere")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


PAGES = {
    "sign-in": Shown(show=sign_in, user=None),
    "register": Shown(show=register, user=None),
    "forgotten-password": Shown(show=forgotten_password, user=None),
    "used-link": Shown(show=used_link, user=None, complaints=("400",)),
    "welcome": Shown(show=welcome),
    "first-steps": Shown(show=first_steps, user="new"),
    "answer": Shown(show=answer),
    "approval": Shown(show=approval),
    "palette": Shown(show=palette),
    "analytics": Shown(show=analytics),
    "plans": Shown(show=plans),
    "plan": Shown(show=plan),
    "plan-post": Shown(show=post_of_a_plan),
    "new-plan": Shown(show=new_plan),
    "job": Shown(show=job),
    "connections": Shown(show=connections),
    "import": Shown(show=refused_import, user="new", complaints=("422",)),
    "notifications": Shown(show=notifications),
    "profile": Shown(show=settings_page("profile", "Today’s use")),
    "preferences": Shown(show=settings_page("preferences", "Colours")),
    "notification-settings": Shown(show=settings_page("notifications", "A plan is ready")),
    "api-keys": Shown(show=settings_page("api-keys", "Your API keys")),
    "admin": Shown(show=admin, user="admin"),
    "nothing": Shown(show=nothing),
}
