"""The creators' words for platforms and metrics."""

import re
from collections.abc import Mapping
from typing import TypeVar

from storage.models import Metric, Platform

Name = TypeVar("Name")

PLATFORMS: dict[Platform, str] = {
    Platform.INSTAGRAM: r"instagram|insta|ig|the gram",
    Platform.FACEBOOK: r"facebook|fb",
    Platform.YOUTUBE: r"you ?tube|yt",
    Platform.SPOTIFY: r"spotify",
}
# Known by name only, so that nobody is told the sum of other platforms instead.
OTHER_PLATFORMS = {
    "TikTok": r"tik ?tok",
    "X": r"twitter|x",
    "Twitch": r"twitch",
    "Snapchat": r"snap(?:chat)?",
    "LinkedIn": r"linkedin",
    "Pinterest": r"pinterest",
    "Threads": r"threads",
    "Reddit": r"reddit",
    "SoundCloud": r"sound ?cloud",
    "Apple Music": r"apple music|itunes",
    "Amazon Music": r"amazon(?: music)?",
    "Deezer": r"deezer",
    "Tidal": r"tidal",
    "Bandcamp": r"bandcamp",
    "Patreon": r"patreon",
    "Discord": r"discord",
    "Telegram": r"telegram",
    "WhatsApp": r"whatsapp",
    "Bluesky": r"bluesky",
    "Mastodon": r"mastodon",
    "Vimeo": r"vimeo",
    "Tumblr": r"tumblr",
    "Substack": r"substack",
    "Kick": r"on kick",
    "your newsletter": r"newsletter",
    "your website": r"website|blog|homepage",
    "your podcast": r"podcast",
}
# Posts come last: "likes on my posts" is about likes.
METRICS: dict[Metric, str] = {
    Metric.FOLLOWERS: (
        r"followers?|follower ?ship|subscribers?|subs?|fans?|fan ?base|audience|community"
        r"|(?:people|users) (?:who |that )?(?:now )?follow(?:ed|ing|s)?|follow(?:ed|ing)? me"
        r"|(?:my(?: (?!followers)\w+)?|total|\w+ify|\w+gram|\w+book) following"
        r"|people (?:who )?(?:join|subscrib|sign)\w*"
    ),
    Metric.WATCH_TIME_MINUTES: (
        r"watch ?times?|time (?:\w+ ){0,3}watching|watch (?:hours|minutes)|"
        r"(?:minutes|hours)(?: of)? watch(?:ed|ing| time)?|"
        r"(?:minutes|hours)\b.*\bwatch(?:ed|ing)?|how (?:long|much)\b.*\bwatch(?:ed)?"
    ),
    Metric.VIEWS: r"views?|viewed|view counts?|video plays|watched",
    Metric.LIKES: r"likes|liked|hearts|like my",
    Metric.COMMENTS: r"comments?|commented|commenting",
    Metric.SHARES: r"shares|shared|sharing|reshares|share my",
    Metric.SAVES: r"saves|saved|saving|bookmarks|bookmarked|(?:did|do|does) \w+ save|save my",
    Metric.STREAMS: (
        r"streams?|streamed|streaming|listens|(?<!people )listened|spins|"
        r"(?:song|track|album|music) plays|(?:music|songs?|tracks?|album)\b.*\bplay(?:s|ed)"
    ),
    Metric.LISTENERS: r"listeners?|listenership|people listened",
    Metric.REACH: r"reach(?:ed|es|ing)?|people saw",
    Metric.ENGAGEMENT: r"engagements?|interactions?|engaged|interacted",
    Metric.POSTS: (
        r"posts?|posted|posting|publish(?:ed)?|publications?|uploads?|uploaded|"
        r"(?:videos|songs?|tracks|releases)\b.*\b(?:put out|release[ds]?|make|made|drop(?:ped)?)|"
        r"released?|videos|put out"
    ),
}
_PLAYS = re.compile(r"\bplay(?:s|ed)\b")
_VIDEOS, _MUSIC = re.compile(r"\bvideos?\b"), re.compile(r"\b(?:songs?|tracks?|singles?)\b")
_YOUTUBE_WORDS = re.compile(r"\b(?:subscribers?|subs?)\b")


def find_platforms(text: str) -> tuple[Platform, ...]:
    """Return the platforms in the order they are named."""
    return _in_order(text, PLATFORMS)


def find_other_platforms(text: str) -> tuple[str, ...]:
    """Return the names of platforms that the suite does not read."""
    return _in_order(text, OTHER_PLATFORMS)


def find_metrics(text: str, platforms: tuple[Platform, ...]) -> tuple[Metric, ...]:
    """Return the metrics in the order they are named."""
    found = _in_order(text, METRICS)
    if _PLAYS.search(text) and Metric.STREAMS not in found:
        found = tuple(metric for metric in (*found, *_plays(platforms)) if metric != Metric.POSTS)
    if Metric.WATCH_TIME_MINUTES in found and not re.search(r"\bview", text):
        found = tuple(metric for metric in found if metric != Metric.VIEWS)
    others = tuple(metric for metric in found if metric is not Metric.POSTS)
    return tuple(dict.fromkeys(others or found))


def implied_platforms(text: str, metrics: tuple[Metric, ...]) -> tuple[Platform, ...]:
    """Return the one platform whose own word was used: subscribers, videos, songs."""
    if _YOUTUBE_WORDS.search(text):
        return (Platform.YOUTUBE,)
    if metrics == (Metric.POSTS,) and _VIDEOS.search(text):
        return (Platform.YOUTUBE,)
    if metrics == (Metric.POSTS,) and _MUSIC.search(text):
        return (Platform.SPOTIFY,)
    return ()


def _plays(platforms: tuple[Platform, ...]) -> tuple[Metric, ...]:
    """Return what plays are: streams on Spotify, views of a video, or both if nobody says."""
    if not platforms:
        return Metric.STREAMS, Metric.VIEWS
    return (Metric.STREAMS,) if Platform.SPOTIFY in platforms else (Metric.VIEWS,)


def _in_order(text: str, words: Mapping[Name, str]) -> tuple[Name, ...]:
    found = {
        name: match.start()
        for name, pattern in words.items()
        if (match := re.search(rf"\b(?:{pattern})\b", text))
    }
    return tuple(sorted(found, key=found.__getitem__))
