"""Ordinary English: words that a rule may pass over without missing what was asked."""

_WORDS = """
a able about above absolutely account accounts across actual actually add added after again against
ago all almost alone along already also although altogether always am among amount an analyse
analysis analyze and anomalies anomaly another any anybody anyhow anymore anyone anything anyway
apart approximately apr april are around artist as ask asking at attract attracted audience aug
august available away back bad badly band basically be because become been before began begin
behind being best better between big bigger biggest bit boss both breakdown brief briefing briefly
bring brought business but by call came can change changed changes changing channel channels chart
check clearly come coming comment commented comments common community compare compared comparing
comparison concerning connected connection connections considering content could count counts
couple crazy creator curious current currently curve dashboard data date day days dead dear dec
december decline declined declining decrease decreased decreasing definitely develop developed
developing did didn dip dips do does doing done down drop dropped dropping drops during dying each
earlier earliest either else end ended ends engaged engagement engagements enough especially even
ever every everybody everyone everything everywhere exact exactly facebook fall fallen falling fan
fans far fast faster fastest fb feb february feel fell few fewer fewest figure figures find fine
first follow followed follower followers following follows for friday friend from full fully gain
gained gaining gains gave general generally get gets getting give given go goes going gone good got
gram great grew grow growing grown grows growth guess guys had half hand happen happened happening
hard has have having he head hear hello help here hey hi high higher highest highlights history
hope hot hour hours how however hows huge i if ig improve improved improving in including increase
increased increasing indeed info information inside insta instagram interaction interactions
interested interesting into is it its itself jan january joined jul july jump jumps jun june just
keep kind kindly know large larger largest last lastly late lately later latest least left less let
level life like liked likes linked list listen listener listeners listens little long longer look
looked looking looks lose loses losing loss losses lost lot lots low lower lowest made main mainly
major make makes making manager many mar march massive matter may maybe me mean means meanwhile
media metric metrics mind mine minus minute minutes moment monday month months more moreover most
mostly much music must my myself name near need needs net network networks never new newest next
nice no none nor normal normally not notable note nothing nov november now number numbers occur oct
october odd of off often ok okay old oldest on once one ones online only onto or ordinary other
others otherwise our ours out outlier outliers over overall overview own page pages part particular
past peak peaks people per percent percentage perform performance performed performing perhaps
period person personally pick picked picking place platform platforms play played plays please
pleased plus point possible possibly post posted posting posts precise precisely present pretty
previous probably profile profiles progress publish published publishing pull put quarter quarterly
quarters question questions quick quickest quickly quite rank ranking rate rather reach reached
reaching read real really reason recap receive received receiving recent recently recover recovered
regarding relative release released remember report result results review right rise rising rose
roughly rundown said same saturday save saved saves saw say see seem seems seen sep sept september
several shall share shared shares she should show showed showing shows shrink shrinking side sign
simply since size slow slower slowest slowing small smaller smallest so social socials some
somebody somehow someone something sometimes somewhere song songs soon sort special spike spikes
spotify stable stand standing stands start started starting stat state statistic statistics stats
status still stood strange stream streamed streaming streams strong strongest stuff sub subs
subscribe subscriber subscribers such sudden suddenly sum summarise summarize summary sunday
support supported sure surprising take taken takes taking talk tell terms than thank thanks that
the their them then there therefore these they thing things think this those though three through
throughout thursday time times to today together told too took top total totals towards track
tracking tracks trend trending trends try trying tuesday turn two type under understand until
unusual up update upload uploaded uploads upon us use used user users using usual usually various
versus very via video videos view viewed viewing views viral vs wait want wanted wants was watch
watched watching way ways we weak weakest wednesday week weekend weeks weird well went were what
whatever whats when where whether which while who whole whose why will win winning with within won
wonder wondering word words work worked working world worse worst would wow wrong year years yes
yesterday yet you your yours yourself youtube yt zero
"""
_ORDINARY = frozenset(_WORDS.split())
_SHORT = 2


def is_ordinary(text: str) -> bool:
    """Tell whether normalised text has only ordinary words, numbers and very short ones."""
    return not unknown_words(text)


def unknown_words(text: str) -> list[str]:
    """Return the words of normalised text that no rule knows, each once."""
    return [
        word
        for word in dict.fromkeys(text.split())
        if word not in _ORDINARY and len(word) > _SHORT and not word[0].isdigit()
    ]
