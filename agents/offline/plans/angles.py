"""Ways to look at a subject. Blanks in brackets are what only the creator knows.

`{t}` is the subject, which may be any words: it stands where every noun can. A family is what a
week can be about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Family = Literal["making", "story", "community", "lessons", "opinion", "everyday"]
FAMILIES: tuple[Family, ...] = ("making", "story", "community", "lessons", "opinion", "everyday")


@dataclass(frozen=True)
class Angle:
    """The first words of a post, and captions, each for another post."""

    family: Family
    hook: str
    captions: tuple[str, ...]


def _angles(
    hooks: Mapping[Family, Mapping[str, tuple[str, ...]]],
) -> tuple[Angle, ...]:
    """Return the angles of a table: captions by family and hook."""
    return tuple(
        Angle(family, hook, captions)
        for family, angles in hooks.items()
        for hook, captions in angles.items()
    )


_MAKING = {
    "What this looked like an hour earlier": (
        "Before: [the messy start]. After: what you see here. In between: {t}.",
        "An hour ago there was only [the raw material]. The step that changed it: [which].",
    ),
    "The boring step that makes it work": (
        "Nobody films it: [name the step]. Everything else leans on it.",
        "I would skip [the step] if I could. I tried once, and [what happened].",
    ),
    "Everything on my table": (
        "{T}, and what I need for it: [list, cheap things included]. I would buy [which] again.",
        "From left to right: [thing], [thing], [thing]. The oldest of them is my favourite.",
    ),
    "The detail you probably missed": (
        "Look again at [where]. It is there on purpose, because [why].",
        "Hardly anybody notices [the detail]. It took longer than all the rest.",
    ),
    "My checklist before I publish": (
        "Every time, in this order: [point], [point], [point]. Take it, it is yours.",
        "The last look before it goes out: is [this] clear, is [that] gone, would I stay?",
    ),
    "The place where it happens": (
        "[Where], [time of day], [what you can hear]. This is where it begins: {t}.",
        "No studio tour, only the corner that works: [describe it], with [its one flaw].",
    ),
    "Start to finish, no cuts": (
        "The slow version, from empty table to done. My favourite part is [which], near the end.",
        "I left everything in, also [the clumsy moment]. That is how it really goes.",
    ),
    "The back side of it": (
        "Front: tidy. Back: [the truth]. Guess which one I like better.",
        "Turn it around and you find [what]. I think of it as a signature.",
    ),
}
_STORY = {
    "The version I nearly threw away": (
        "What bothered me: [say it plainly]. What made me keep it: [the moment that works].",
        "It sat in a folder since [when]. [Who or what] made me open it again.",
    ),
    "The best advice I ignored": (
        "[Who] told me to [what]. I did the opposite, and this is how it went: [how].",
        "“[The advice]” was meant well. Today I would follow it only when [when].",
    ),
    "The small disaster behind it": (
        "You do not see that [what went wrong]. We laughed, then [how you saved it].",
        "Minutes before, [what broke]. What you get is the plan B, and I prefer it.",
    ),
    "How it started": (
        "The first spark was [place, person or sound]. What grew out of it: {t}.",
        "I was [how old], and [who] showed me [what]. I have not stopped since.",
    ),
    "The part that makes me nervous": (
        "Right before [the moment] my hands go cold. This time I [what you did about it].",
        "People think I am calm. Ask me again when [the moment] comes closer.",
    ),
    "The moment it clicked": (
        "For a long time [what did not work]. Then [what changed], and it felt easy.",
        "Nothing about it was new, I only [what you did differently] for the first time.",
    ),
    "A thank-you that is overdue": (
        "[Name] helped me with [what] and never asked for credit. Please say hello to them.",
        "Without [name], none of this: [what they made possible]. I should have said it earlier.",
    ),
    "The second I work for": (
        "It comes when [what happens], and it never lasts. I stay for it.",
        "You can see it in [where]: that is the moment when the work forgets to be work.",
    ),
}
_COMMUNITY = {
    "The question you ask me most": (
        "You want to know [the question]. In short: [one sentence]. The whole answer is up here.",
        "It comes every week: [the question]. I finally sat down and answered it properly.",
    ),
    "A or B? You choose": (
        "A: [first option]. B: [second option]. The winner decides what I do next.",
        "I like A because [why], and B because [why]. You break the tie.",
    ),
    "Ask me anything": (
        "Today's subject: {t}. The awkward questions first, I answer all day.",
        "Money, doubts, tricks: nothing is off limits, except [the one thing].",
    ),
    "Your comment made me do this": (
        "[Name] wrote: “[their words]”. Fair point, so here is my answer.",
        "I read [what somebody wrote] and could not leave it alone. This came out of it.",
    ),
    "What comes next, and you can still change it": (
        "I am planning [next thing]. Tell me what must not be missing in it.",
        "The next weeks are half empty on purpose. Fill them: more [this], or more [that]?",
    ),
    "The best question of the week": (
        "It came from [whom]: [question]. I thought about it for days and ended up at [answer].",
        "Somebody wanted to know [question]. I had no answer until I tried [what].",
    ),
    "I tried it your way": (
        "You suggested [what], so I tested it. My honest verdict: [result].",
        "Your idea, my hands: [what you made of it]. Keep them coming.",
    ),
    "Keep it or cut it?": (
        "I cannot make up my mind about [this part]. Every vote counts, also from quiet readers.",
        "Everybody who saw it early says [what]. I am not sure, so be honest.",
    ),
}
_LESSONS = {
    "I was wrong about this": (
        "I used to say [what you believed]. Then [what happened], and I stopped.",
        "Old me would be angry: today I do [what] without thinking twice. The reason: [why].",
    ),
    "If this is new to you, start here": (
        "{T}, from zero: I would do [first step] and leave the rest for later.",
        "Forget the long lists. You need [this], [that] and an hour without a phone.",
    ),
    "Please stop doing this": (
        "A mistake I keep seeing: [name it]. Try [the better way] and watch what changes.",
        "I did it for years: [the habit]. What I do instead is shorter and works: [what].",
    ),
    "If you only remember one sentence": (
        "{T}: [the sentence you would put on a wall].",
        "Write it on your hand: [the sentence]. It has saved me more than once.",
    ),
    "What I would tell my younger self": (
        "You lost sleep over [what]. In the end it was about something else: [what].",
        "Keep [this habit]. Drop [that worry]. And call [whom] more often.",
    ),
    "The word everybody nods at": (
        "[The term] sounds complicated. In plain words: [what a friend would understand].",
        "If somebody says [the term], ask what they mean. I mean [your meaning].",
    ),
    "Harder than it looks": (
        "Try it yourself: [the exercise]. It took me [how long], and I still slip.",
        "It looks like nothing. Then your hands learn what [the hard part] means.",
    ),
    "A small change you can copy": (
        "I moved [what]. Same effort as before, and now [effect].",
        "Swap [this] for [that] tomorrow. You will know within a day whether it is for you.",
    ),
}
_OPINION = {
    "An opinion I will not win friends with": (
        "{T}, my view: [your opinion]. Disagree with me, but tell me why.",
        "I would rather have [this] than [what everybody wants]. There, I said it.",
    ),
    "What it really costs": (
        "Time: [how much]. Money: [how much]. Nerves: all of them. I would choose it again.",
        "People see the result and guess. The truth is [the effort], on top of [the day job].",
    ),
    "The rule I break on purpose": (
        "They say [the rule]. I do the opposite, since [reason].",
        "Rules are fine until [the situation]. Then I trust [what] instead.",
    ),
    "What I left out": (
        "The first version had [what]. It was good, and it had to go because [why].",
        "Cutting [this] hurt. Watch what it does for [that].",
    ),
    "The myth that will not die": (
        "People still believe [the myth]. What I see every week: [what really happens].",
        "“[The myth]”: I hear it from smart people, too. My experience says [what].",
    ),
    "Who this is for": (
        "You are [describe them] and tired of [what]? Then stay, this is yours.",
        "Not for everybody: if you want [what], you will be bored. If not, come in.",
    ),
    "What I do not need for it": (
        "You might expect [expensive thing]. I use [simple thing], and nobody has noticed yet.",
        "My list of things I never bought: [thing], [thing], [thing]. It shows, and I like it.",
    ),
    "Then and now": (
        "Then: [describe it kindly]. Now: this. The difference is mostly [what].",
        "Found an early one of mine. I would change [what], and I would keep [what].",
    ),
}
_EVERYDAY = {
    "When the day is too full": (
        "Then I do the small version: [how]. It still counts, and tomorrow is easier.",
        "Between [this] and [that] there were a few minutes. Look what fits into them.",
    ),
    "An honest day": (
        "Morning: [what]. Afternoon: [what]. Evening: {t}, and [the part that surprised you].",
        "What I planned: [what]. What happened: [what]. I am keeping the second.",
    ),
    "Not finished, showing it anyway": (
        "It still needs [what]. Your reactions decide where it goes from here.",
        "Right now it is all [the rough part]. Come back at the end of the week.",
    ),
    "A small win": (
        "[What worked] at last, after [how long]. Tiny, and I wanted you to see it.",
        "Nobody will notice except you and me: [the win]. I am celebrating with [what].",
    ),
    "Made with what was there": (
        "No plan, only [what lay around] and some stubbornness. The result: {t}.",
        "The shop was closed, so [the substitute] had to do. I might never go back.",
    ),
    "The bad day edition": (
        "Today [what] refused to work. I post it so that yours feels normal.",
        "Everything went wrong in this order: [what], [what], [what]. Good night.",
    ),
    "How I know that it is done": (
        "I stop when [your sign]. Whatever comes after that is polish.",
        "There is always more to fix. I let go when [whom] stops noticing the changes.",
    ),
    "Seen at somebody better": (
        "[Whom, with their name] does [what]. I kept [this] and made [that] my own.",
        "I have watched [whom] for ages to understand [what]. Today I dared to try.",
    ),
}
ANGLES = _angles(
    {
        "making": _MAKING,
        "story": _STORY,
        "community": _COMMUNITY,
        "lessons": _LESSONS,
        "opinion": _OPINION,
        "everyday": _EVERYDAY,
    }
)

# Where people listen, and captions are short.
LISTENING = _angles(
    {
        "making": {
            "The clip behind the song": (
                "The loop shows [what]. It was the first picture that I had of [song].",
                "Filmed [where], with [what]. It moves the way [song] feels.",
            ),
        },
        "story": {
            "A line that I keep coming back to": (
                "“[The line]”, from [song]. I wrote it [where].",
                "[Song] began with one sentence: “[the sentence]”. The rest came [when].",
            ),
        },
        "community": {
            "Your song on my list": (
                "A playlist of what you sent me: [artist], [artist], and one of mine.",
                "Tell me a song for [mood or hour]. The list grows every week.",
            ),
        },
        "lessons": {
            "Start with this one": (
                "New here? Begin with [song]. It shows where the others are going.",
                "A minute is enough for [song]: go to [the place in it].",
            ),
        },
        "opinion": {
            "The one that nobody asks for": (
                "[Song] is no single, and I would save it before all others.",
                "I nearly left [song] off the record. Now it is the one I would keep.",
            ),
        },
        "everyday": {
            "What I listen to on a slow day": (
                "A playlist for [the hour]: [artist], [artist], and something quiet of mine.",
                "On repeat here: [song of somebody else]. Next to it: [your song].",
            ),
        },
    }
)

# What follows an earlier post; `{q}` are its first words.
FOLLOW_UPS = _angles(
    {
        "story": {
            "“{q}” – what happened next": (
                "“{q}” was only the beginning. Here is the next part: [continue the story].",
            ),
        },
        "making": {
            "How I made “{q}”": (
                "Step by step: [step], [step], [step]. The trick behind “{q}” is [which].",
            ),
        },
        "community": {
            "Your reactions to “{q}”": (
                "What you wrote under “{q}” made me think about [what]. My answers are in here.",
            ),
        },
        "everyday": {
            "The outtakes of “{q}”": (
                "None of this made it into “{q}”: [the best outtake]. It deserved a place.",
            ),
        },
        "opinion": {
            "“{q}”, done differently": (
                "Same idea as “{q}”, another [place, tempo or light]. Which one is closer to you?",
            ),
        },
        "lessons": {
            "What “{q}” taught me": (
                "I made “{q}” and moved on. Looking back, I learned [what] from it.",
            ),
        },
    }
)

THEMES: dict[Family, tuple[str, ...]] = {
    "making": ("how it is made", "tools, places and steps", "from raw to ready"),
    "story": ("the stories behind it", "where it comes from", "people who matter"),
    "community": ("your questions and votes", "made together with you", "what you want next"),
    "lessons": ("what I have learned", "help for beginners", "mistakes, and what came of them"),
    "opinion": ("what I think of it", "choices and reasons", "myths and rules"),
    "everyday": ("an ordinary week", "small wins and bad days", "in between"),
}
