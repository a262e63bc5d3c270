"""Hashtags in words: "#livemusic" is "live music" to somebody who knows both words."""

import re
from collections.abc import Collection
from functools import cache

MIN_LETTERS = 3
# Words that hashtags are made of, besides those that the creator uses.
_COMMON = frozenset(
    """
    acoustic adventure advice after album anything art artist ask backstage baking band bake
    beach beauty bedroom before behind best body book books brand budget build build business
    cake calm camp camping care challenge chef city class clean coach code coding coffee color
    community cook cooking craft creator daily dance day days design desk diet diy dinner dog
    draw drawing drums dry easy eat edit family fashion film finance first fit fitness folk food
    free fresh friendly fun game gaming garden girl glow gold good grow growth guide guitar gym
    habit habits hack hacks hair happy health healthy hike hiking home house how ideas indie
    journey kids kitchen learn learning lesson lessons life lifestyle light list live living local
    look love lunch made make makeup meal meals mind mindset minimal mom money month more morning
    motivation movie music musician nature new news night notes now office old on one out outdoor
    outfit paint painting parent party people pet photo photography piano plan plant plants play
    podcast poem poetry pop post practice prep process producer quick read reading real recipe
    recipes record recording relationship release review road room routine run running save saving
    scene scenes school science self series session sessions set share shop show simple singer
    sketch skin skincare slow small solo song songs songwriter songwriting sound spring start
    startup stories story strength stress student studio study style summer support sustainable
    talk tea team tech thing things time tips to today tool tools top tour town train training
    travel trip trips tutorial unboxing update vegan venue video view vlog walk watch water way
    week weekend weekly wellness wild winter with women wood work workout world write writing year
    yoga your
    """.split()  # noqa: SIM905  # two hundred words in quotes would fill a page
)


def in_words(topic: str, known: Collection[str]) -> str:
    """Return a topic as people write it; a hashtag whose words are unknown keeps its sign.

    The fewest words are taken; of as many, those whose shortest is longest.
    """
    if not topic.startswith("#"):
        return topic
    tag = topic[1:]
    words = _split(tag, frozenset(known) | _COMMON)
    return " ".join(words) if words else topic


def _split(tag: str, known: Collection[str]) -> list[str] | None:
    @cache
    def best(rest: str) -> tuple[str, ...] | None:
        if not rest:
            return ()
        options = []
        for length in range(2, len(rest) + 1):
            word = rest[:length]
            is_word = word in known and (length >= MIN_LETTERS or word in _COMMON)
            tail = best(rest[length:]) if is_word else None
            if tail is not None:
                options.append((word, *tail))
        return min(options, key=lambda words: (len(words), -min(map(len, words))), default=None)

    found = best(re.sub(r"[\W_]+", "", tag))
    return list(found) if found else None
