"""Figure references: the model names a figure, the creator reads its number."""

import pytest

from core.settings import Settings
from storage.database import Database
from tests.conftest import Creator, SignUp
from tests.e2e.scripted_model import ScriptedModel, calls, gate, says
from tests.e2e.servers import second_server
from tests.e2e.streams import AnswerStream, ask, asking
from tests.e2e.trees import load_tree

NUMBERS = """\
platform,account,date,metric,value
instagram,luna,2026-03-01,followers,11000
instagram,luna,2026-03-31,followers,12345
youtube,luna,2026-03-01,followers,500
youtube,luna,2026-03-31,followers,450
"""
MARCH = {"start": "2026-03-01", "end": "2026-03-31"}
CALL = says(calls("growth_summary", MARCH))


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@pytest.fixture
async def creator(sign_up: SignUp) -> Creator:
    creator = await sign_up()
    headers = {"Content-Type": "text/csv"}
    response = await creator.post("/api/metrics/import", content=NUMBERS, headers=headers)
    assert response.status_code == 200, response.text
    return creator


async def figure_ids(creator: Creator, model: ScriptedModel) -> dict[str, str]:
    """Return the ids of the growth figures by label."""
    await model.follow(CALL, says("Done."), to="ids")
    answer = await ask(creator, "ids")
    (output,) = answer.of_type("tool-output-available")
    return {figure["label"]: figure["id"] for figure in output["output"]["figures"]}


@pytest.fixture
async def gained(creator: Creator, model: ScriptedModel) -> str:
    return (await figure_ids(creator, model))["followers gained, Instagram"]


def backed_by(answer: AnswerStream) -> list[tuple[str, str | None]]:
    """Return each number of the answer, and the figure that backs it."""
    numbers = answer.of_type("data-grounding")[-1]["data"]["numbers"]
    return [(number["text"], number["figure"]) for number in numbers]


async def test_a_reference_is_filled_in_wherever_the_stream_cuts_it(
    creator: Creator, model: ScriptedModel, gained: str, database: Database
) -> None:
    whole = f"You gained **{{{{{gained}}}}}** on Instagram."
    for size in (1, 2, 3, 5, len(whole)):
        pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
        await model.follow(CALL, says(*pieces))
        answer = await ask(creator, f"In pieces of {size}?", id=f"c{size}")
        assert answer.text == "You gained **1,345** on Instagram."
        assert backed_by(answer) == [("1,345", gained)]
        tree = await load_tree(database, creator.user_id, f"c{size}")
        assert tree.path[-1] == answer.text
        (number,) = tree.answers[-1].grounding["numbers"]  # type: ignore[index]
        assert answer.text[slice(*number["span"])] == "1,345"


async def test_numbers_are_written_as_in_the_creators_language(
    creator: Creator, model: ScriptedModel, gained: str
) -> None:
    assert (await creator.patch("/api/me", json={"locale": "de"})).status_code == 200
    await model.follow(CALL, says(f"Du hast {{{{{gained}}}}} gewonnen."))
    answer = await ask(creator, "Und?")
    assert answer.text == "Du hast 1.345 gewonnen."
    assert backed_by(answer) == [("1.345", gained)]


async def test_a_reference_after_a_look_stands_in_its_own_part(
    creator: Creator, model: ScriptedModel, gained: str
) -> None:
    look = says("In 2 steps, ", calls("growth_summary", MARCH))
    await model.follow(look, says(f"it is {{{{{gained}}}}}."))
    answer = await ask(creator, "And in 2 steps?")
    assert answer.text == "In 2 steps, it is 1,345."
    (number,) = [n for n in answer.of_type("data-grounding")[-1]["data"]["numbers"] if n["figure"]]
    stored = "In 2 steps, \n\nit is 1,345."
    assert stored[slice(*number["span"])] == "1,345"


async def test_a_figure_that_does_not_exist_is_told_to_the_model_once(
    creator: Creator, model: ScriptedModel, gained: str
) -> None:
    await model.follow(CALL, says("You gained {{f99}}, which is great."), to="Growth?")
    correction = says(f"{{{{{gained}}}}} followers.", tokens=5)
    await model.follow(correction)
    answer = await ask(creator, "Growth?")
    assert answer.text == "You gained 1,345 followers."
    assert backed_by(answer) == [("1,345", gained)]
    said, told = (await model.heard())[-2:]
    assert said == {"role": "assistant", "content": "You gained "}
    assert "{{f99}} does not exist" in told["content"]
    assert gained in told["content"]
    assert answer.finish["tokens"] == 15 + 15 + 5


async def test_a_model_that_insists_is_cut_where_it_does(
    creator: Creator, model: ScriptedModel
) -> None:
    await model.follow(CALL, says("You gained {{f99}} and more."), to="Growth?")
    await model.follow(says("{{f98}}!"))
    answer = await ask(creator, "Growth?")
    assert answer.text == "You gained …"
    assert "f9" not in answer.text
    assert answer.finish["status"] == "completed"


async def test_what_is_no_reference_is_left_alone(creator: Creator, model: ScriptedModel) -> None:
    for text in ("A {{ brace", "{{name}} and {f1}", "}} {{", "{{{{"):
        await model.follow(says(*text), to=text)
        assert (await ask(creator, text)).text == text


async def test_a_model_that_writes_digits_is_checked_as_before(
    creator: Creator, model: ScriptedModel, gained: str
) -> None:
    await model.follow(CALL, says("You gained 1,345 followers on Instagram, not 1,346."))
    answer = await ask(creator, "Growth?")
    assert backed_by(answer) == [("1,345", gained), ("1,346", None)]
    assert answer.of_type("data-grounding")[-1]["data"]["status"] == "ungrounded"


# --- GROUNDING=strict ---


async def test_strict_grounding_says_no_sentence_whose_number_has_no_source(
    creator: Creator,
    model: ScriptedModel,
    gained: str,
    settings: Settings,
    database_url: str,
    database: Database,
) -> None:
    said = f"You gained {{{{{gained}}}}} on Instagram. You lost 777 on YouTube. Well done!"
    await model.follow(CALL, says(*(said[n : n + 7] for n in range(0, len(said), 7))))
    strict = settings.model_copy(update={"grounding": "strict"})
    async with second_server(strict, database_url, creator) as client:
        answer = await ask(client, "Growth?", id="strict")
    assert answer.text == (
        "You gained 1,345 on Instagram. Well done!I left out what has no source in your numbers."
    )
    assert "777" not in answer.text
    verdict = answer.of_type("data-grounding")[-1]["data"]
    assert verdict["status"] == "grounded"
    assert verdict["withheld"] == ["You lost 777 on YouTube."]
    assert backed_by(answer) == [("1,345", gained)]
    tree = await load_tree(database, creator.user_id, "strict")
    assert "777" not in tree.path[-1]


async def test_strict_grounding_shows_a_sentence_as_soon_as_it_is_checked(
    creator: Creator, model: ScriptedModel, gained: str, settings: Settings, database_url: str
) -> None:
    first = f"You gained {{{{{gained}}}}} on Instagram. "
    await model.follow(CALL, says(first, "And ", gate("more"), "more."))
    strict = settings.model_copy(update={"grounding": "strict"})
    async with (
        second_server(strict, database_url, creator) as client,
        asking(client, "Growth?") as answer,
    ):
        await answer.read_until("1,345 on Instagram.")
        await model.open("more")
        await answer.read_all()
    assert answer.text == "You gained 1,345 on Instagram. And more."
