"""Requests to keep a draft: its text, its title, its platform and its form."""

import re
from dataclasses import replace

from agents.offline.questions.replies import Reply, refusal
from agents.offline.requests import cues
from agents.offline.requests.kinds import find_form
from agents.offline.requests.quotes import QUOTED
from agents.offline.requests.request import Request

WHICH_PLATFORM = refusal(
    "For which platform is the draft? Name one, for example: “Save this as a draft for "
    "Instagram: …”"
)
WHICH_CAPTION = refusal(
    "What is the draft to say? Put its text behind a colon or in quotes, for example: “Save a "
    "draft for Instagram: New song on Friday.”"
)
_NAMES_TEXT = re.compile(r"\b(?:text|captions?|words|content|saying)\s*:", re.IGNORECASE)
_TITLE_AND_TEXT = re.compile(
    r"(?:called|named|titled|title|name):? [“\"«„'](?P<title>[^”\"»“]{1,120})[”\"»“'],?"
    r"(?: [^:]{1,40})?:\s*(?P<text>\S.{0,2199})\Z",
    re.DOTALL | re.IGNORECASE,
)
_BEHIND_COLON = re.compile(r":\s*(?P<text>\S.{0,2199})\Z", re.DOTALL)


def read_draft(request: Request, typed: str) -> Request | Reply:
    matches = [m for m in (_BEHIND_COLON.search(typed), QUOTED.search(typed)) if m]
    match = min(matches, key=lambda found: found.start(), default=None)
    title = None
    if len(matches) > 1 and _NAMES_TEXT.search(typed):
        match, title = matches[0], matches[1]["text"] or matches[1]["single"]
    if named := _TITLE_AND_TEXT.search(typed):
        match, title = named, named["title"].strip()
    if match is None:
        return WHICH_CAPTION
    groups = match.groupdict()
    caption = str(groups.get("text") or groups.get("single")).strip().strip("“”\"«»„'’\u2018")
    if not request.platforms:
        return WHICH_PLATFORM
    around = typed.replace(match[0], " ").replace(title or "\0", " ").lower()
    forms = [name for name in cues.POST_TYPES if find_form(around, name)]
    return replace(request, platforms=request.platforms[:1], account=None).with_options(
        caption=caption, title=title, post_type=forms[0] if len(forms) == 1 else None
    )
