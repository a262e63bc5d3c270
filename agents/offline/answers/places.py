"""How answers name platforms and accounts."""

from collections.abc import Collection

from agents.offline.answers.wording import escape, listing
from agents.offline.creator import Creator
from storage.models import Platform
from tools.figures import PLATFORM_NAMES

# A platform and an account; a platform's sum has no account, the sum of all has neither.
Place = tuple[str | None, str | None]
EVERYWHERE: Place = (None, None)


def platform_name(platform: str) -> str:
    """Return "YouTube" for "youtube"."""
    try:
        return PLATFORM_NAMES[Platform(platform)]
    except (KeyError, ValueError):
        return escape(platform)


def place_name(place: Place, creator: Creator) -> str:
    """Return "YouTube"; with the account only where there are several of them."""
    platform, account = place
    if platform is None:
        return "All platforms"
    if account and creator.has_several(platform):
        return f"{platform_name(platform)} ({escape(account)})"
    return platform_name(platform)


def on_place(place: Place, creator: Creator, among: Collection[Place] = ()) -> str:
    """Return "on YouTube", or "across all platforms"; names them where `among` lacks some."""
    if place[0] is None:
        platforms = [name for name, account in among if name and account is None]
        if platforms and set(creator.platforms()) - set(platforms):
            return f"on {listing([platform_name(name) for name in platforms])} together"
        return "across all platforms"
    return f"on {place_name(place, creator)}"
