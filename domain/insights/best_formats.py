"""Best formats: the form of post that clearly beats each other one of its platform.

Stricter than the test that answers a creator's question. What passes is checked by that one, too:
an insight never claims what an agent that is asked would not confirm.
"""

from collections.abc import Iterator, Sequence

from domain.analytics.content import MIN_POSTS_OF_FORM, FormPerformance, compare_forms
from domain.analytics.posts import Post, logs_within_account
from domain.analytics.series import platform_name
from domain.analytics.significance import exceeds
from domain.figures import Figure, FigureBook
from domain.insights.candidates import Candidate, Detector, claim_confidence
from domain.insights.evidence import Evidence
from domain.insights.groups import LEAST_RELATIVE, clear_groups, effect_of, ids_of
from domain.insights.rules import RULES

# That two forms are alike is no noise, but to call the wrong one better is as wrong.
PAIR_CHANCE = 0.001


def find_best_formats(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the best form of each platform that clearly has one."""
    by_platform: dict[str, list[Post]] = {}
    for post in evidence.posts:
        by_platform.setdefault(post.row.platform, []).append(post)
    limit = RULES[Detector.BEST_FORMAT].chance / max(len(by_platform), 1)
    for platform, posts in by_platform.items():
        clear = _clear_forms(posts, limit)
        if not clear or evidence.is_told(_finding(platform, form) for form in clear):
            continue  # what was told still holds, and the tests below take their time
        forms = compare_forms(posts)
        best = next((form for form in forms if form.post_type in clear and form.stands_out), None)
        rivals = [form for form in forms if form is not best and form.median_engagement]
        if best and rivals:
            rival = max(rivals, key=lambda form: form.known)
            yield from _candidate(best, rival, posts, clear[best.post_type], limit)


def _clear_forms(posts: Sequence[Post], limit: float) -> dict[str, float]:
    """Return the chance of each form that beats all together, and each other one."""
    known, values = logs_within_account(posts)
    groups: dict[str, list[int]] = {}
    for place, post in enumerate(known):
        groups.setdefault(post.form[1], []).append(place)
    own = {
        form: [values[place] for place in places]
        for form, places in groups.items()
        if len(places) >= MIN_POSTS_OF_FORM
    }
    clear = clear_groups(values, groups, limit, least=MIN_POSTS_OF_FORM)
    return {
        form: p
        for form, p in clear.items()
        if all(exceeds(own[form], own[other], alpha=PAIR_CHANCE) for other in own if other != form)
    }


def _candidate(
    best: FormPerformance,
    rival: FormPerformance,
    posts: Sequence[Post],
    p: float,
    limit: float,
) -> Iterator[Candidate]:
    relative = (best.median_engagement or 0) / (rival.median_engagement or 1)
    if relative < LEAST_RELATIVE:
        return
    book = FigureBook()
    figures = {
        "best": _figure(book, best, "median engagement", best.median_engagement, posts),
        "rival": _figure(book, rival, "median engagement", rival.median_engagement, posts),
        "posts": _figure(book, best, "posts", best.posts, posts),
    }
    yield Candidate(
        detector=Detector.BEST_FORMAT,
        finding=_finding(best.platform, best.post_type),
        effect=effect_of(relative),
        confidence=claim_confidence(p, limit),
        facts={
            "platform": best.platform,
            "form": best.post_type,
            "rival_form": rival.post_type,
            **ids_of(figures),
        },
        figures=[*figures.values()],
    )


def _figure(
    book: FigureBook,
    form: FormPerformance,
    label: str,
    value: float | None,
    posts: Sequence[Post],
) -> Figure:
    return book.add(
        f"{label}, {form.post_type}, {platform_name(form.platform)}",
        None if value is None else round(value),
        metric="form_posts" if label == "posts" else "form_median_engagement",
        platform=form.platform,
        start=posts[0].date,
        end=posts[-1].date,
        observations=form.known,
    )


def _finding(platform: str, form: str) -> str:
    return f"{Detector.BEST_FORMAT}:{platform}:{form}"
