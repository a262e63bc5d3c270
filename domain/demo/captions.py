"""What the demo creator writes under her posts; every caption is a different one."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

VIRAL_CAPTION = (
    "Sang the new one in the stairwell because the echo is free. "
    "The neighbour joined in on the second floor. #stairwellsession #indiefolk"
)


# She hardly ever uses one.
EMOJI, EMOJI_WEIGHTS = ("", "🎶", "☕", "🌙"), (30, 1, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Sentences that go together: any opening may be followed by any closing."""

    openings: tuple[str, ...]
    closings: tuple[str, ...]
    hashtags: tuple[str, ...]


SONGS = Theme(
    openings=(
        "First take of the new chorus.",
        "This verse took me three weeks.",
        "Wrote this one on the night train.",
        "The bridge finally makes sense.",
        "One microphone, one window, no plan.",
        "Recorded before the neighbours woke up.",
        "Trying the slow version today.",
        "Found this melody in an old voice memo.",
        "Two guitars, both slightly out of tune.",
        "I rewrote the last line again.",
        "Harmonies at the kitchen table.",
        "A song about leaving without slamming the door.",
        "The demo had no drums. It still has none.",
        "Changed one chord and cried a little.",
        "Looped this for an hour before I noticed the rain.",
        "Thirty seconds of the song I keep avoiding.",
        "The whispered version won.",
        "Playing it in a lower key these days.",
        "This started as a lullaby for my sister.",
        "Take nine. We do not talk about take eight.",
    ),
    closings=(
        "Headphones recommended.",
        "Should it stay this quiet?",
        "Keep it or bin it?",
        "The kettle stays in the mix.",
        "Full version when it is ready, not before.",
        "Tell me which line stuck with you.",
        "I left the mistake in.",
        "More of this on Friday.",
        "It sounds better with the lights off.",
        "Recorded in one go.",
        "My room, my rules.",
        "Sing the low part if you know it.",
        "Title suggestions welcome.",
        "I think this one is finished.",
    ),
    hashtags=("#indiefolk", "#songwriter", "#newmusic", "#bedroomrecording", "#acoustic"),
)

STAGE = Theme(
    openings=(
        "Last night was loud in the best way.",
        "Forty people and a broken lamp.",
        "The room was empty at soundcheck and full at nine.",
        "You knew every word.",
        "We played the new one twice.",
        "The smallest stage so far, the warmest too.",
        "My hands were shaking until the second song.",
        "Someone in the front row brought flowers.",
        "Encore without a microphone.",
        "Drove four hours to play for one.",
        "The piano was locked, so we sang.",
        "Backstage is a corridor with one chair.",
        "A whole room humming the outro.",
        "Open air, open guitar case, light rain.",
        "We lost a string in the first song.",
        "The three of us, one rug, no monitors.",
    ),
    closings=(
        "Thank you for listening so closely.",
        "Same again next month?",
        "Where should we play next?",
        "Still smiling about it.",
        "Sleep now.",
        "If you were there, tag yourself.",
        "I wrote the set list on my arm.",
        "We are coming back.",
        "The merch table is a suitcase now.",
        "Video by my very patient brother.",
        "Small rooms forever.",
        "My voice will return on Tuesday.",
    ),
    hashtags=("#livemusic", "#ontour", "#smallvenue", "#singersongwriter", "#acousticset"),
)

EVERYDAY = Theme(
    openings=(
        "Strings changed, coffee cold.",
        "The desk, again.",
        "The cat has opinions about the cello.",
        "Window seat, notebook, nothing yet.",
        "Balcony studio, two blankets.",
        "New plant, same three chords.",
        "Laundry day is lyric day.",
        "Walked the canal until the second verse came.",
        "Found my old four-track.",
        "Everything on this table is a percussion instrument.",
        "Soup, then vocals.",
        "The light in here at four o'clock.",
        "Sorting lyrics by mood, not by date.",
        "A quiet week on purpose.",
        "Tea number five.",
        "Post office run with a bag full of records.",
        "Bought the guitar strap I said I would not buy.",
        "Today's view while tuning.",
    ),
    closings=(
        "Back to work.",
        "How is your week?",
        "Slow is also a tempo.",
        "It counts as practice.",
        "This is the glamorous part.",
        "Small steps.",
        "I will call it research.",
        "Tomorrow we record.",
        "Not pictured: the mess.",
        "Good enough for today.",
        "Ask me again on Friday.",
        "I needed this.",
    ),
    hashtags=("#studiolife", "#musicianlife", "#slowdays", "#behindthemusic", "#homestudio"),
)

QUESTIONS = Theme(
    openings=(
        "Help me choose the next single.",
        "Which cover should I learn this week?",
        "Five lines that did not make the album.",
        "Three chords I use in every song.",
        "How a song starts for me, slide by slide.",
        "What do you listen to on the way home?",
        "Your questions, answered from the sofa.",
        "My recording chain, and it is short.",
        "Ten songs that taught me to whisper.",
        "The lyric you asked about, explained.",
        "Tell me a word and I will rhyme it.",
        "How I book my own shows.",
        "Before and after: the same song, one year apart.",
        "Artwork drafts, from bad to less bad.",
        "What I would tell myself three years ago.",
    ),
    closings=(
        "Answers in the comments.",
        "I read every reply.",
        "Be honest, I can take it.",
        "Save it for later if it helps.",
        "Questions below, please.",
        "Swipe to the end.",
        "Send it to a friend who writes.",
        "I would love to hear yours.",
        "I keep changing my mind about it.",
        "Part two if you want it.",
        "The last one surprised me.",
    ),
    hashtags=("#songwritingtips", "#askmeanything", "#indieartist", "#diymusic", "#lyrics"),
)

NEWS = Theme(
    openings=(
        "Tickets for the living room tour are up.",
        "A new song is out tonight.",
        "Vinyl is back in the shop.",
        "The lyric book has gone to print.",
        "New dates in the north.",
        "My newsletter goes out on Sunday.",
        "We added a second evening.",
        "The stairwell sessions are all in one place now.",
        "I talked about recording at home for an hour.",
        "Sheet music for the last single is ready.",
        "The video has a premiere date.",
        "Postcards with every order this week.",
    ),
    closings=(
        "Link in the first comment.",
        "All details on the website.",
        "It would help a lot if you shared this.",
        "Thank you for making this possible.",
        "I am a little nervous.",
        "Tell a friend who likes quiet songs.",
        "You asked, so here it is.",
        "More on Sunday.",
        "This took longer than planned.",
        "Any questions? Ask below.",
    ),
    hashtags=("#newmusic", "#indiefolk", "#tourdates", "#supportindependentmusic", "#outnow"),
)

VIDEOS = Theme(
    openings=(
        "Kitchen Light",
        "Slow Trains",
        "Paper Boats",
        "The Long Way Down",
        "Borrowed Coat",
        "Harbour Lamps",
        "Nobody's Sunday",
        "Salt and Cedar",
    ),
    closings=(
        "(stairwell session)",
        "(live with the trio)",
        "(how I wrote it)",
        "(piano version)",
        "(lyric video)",
        "(full rehearsal)",
    ),
    hashtags=("#indiefolk", "#acousticsession", "#songwriter", "#livesession"),
)

TRACKS = Theme(
    openings=(
        "Slow Trains",
        "Borrowed Coat",
        "Harbour Lamps",
        "Kitchen Light",
        "Paper Boats",
        "Salt and Cedar",
        "Nobody's Sunday",
        "The Long Way Down",
        "Winter Keys",
        "Small Hours",
    ),
    closings=("",),
    hashtags=(),
)


def stream_captions(theme: Theme, rng: Random) -> Iterator[str]:
    """Yield captions of a theme; an opening returns only when all have been used.

    Ends when every opening has met every closing.
    """
    openings, closings = list(theme.openings), list(theme.closings)
    rng.shuffle(openings)
    rng.shuffle(closings)
    for turn in range(len(closings)):
        for place, opening in enumerate(openings):
            words = [opening, closings[(place + turn) % len(closings)]]
            if theme.hashtags:
                words += rng.choices(EMOJI, EMOJI_WEIGHTS)
                words += rng.sample(theme.hashtags, rng.randint(1, 3))
            yield " ".join(word for word in words if word)
