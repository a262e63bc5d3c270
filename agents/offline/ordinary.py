"""Ordinary English: words that a rule may pass over without missing what was asked."""

_WORDS = """
a able about above absolutely across actual actually add added after again against ago all
almost alone along already also although altogether always am among amount an and another any
anybody anymore anyone anything anyway apart approximately are around as ask asking at audience away
back bad badly basically be because become been before began begin behind being best better between
big bigger biggest bit both bring brought but by call came can channel channels check clearly come
coming common compare compared comparing comparison concerning considering content could couple
crazy curious current currently curve data date day days dear definitely did didn dip dips do does doing done
down during each earlier either else end ended ends enough especially even ever every everybody
everyone everything everywhere exact exactly far fast faster fastest feel few fewer fewest find fine
first for from full fully gain gained gaining gains gave general generally get gets getting give
given go goes going gone good got great grew grow growing grown grows growth guess guys had hand
happen happened happening hard has have having he hear hello help here hey hi high higher highest
history hope hot how however i if improve improved improving in including increase increased
increasing indeed info information inside interested into is it its itself jump jumps just keep kind
kindly know large larger largest last lastly late lately later latest least left less let level life
like little long longer look looked looking looks lose loses losing loss losses lost lot lots low
lower lowest made main mainly make makes making many matter may maybe me mean means meanwhile mind
mine minus moment month months more moreover most mostly much must my myself name near need needs
net never new next nice no none nor normal normally not note nothing now number numbers occur of off
often ok okay old on once one ones only onto or other others otherwise our ours out over overall own
page pages part particular past people per perform performance performed performing perhaps period
person personally pick picked picking place please pleased plus point possible possibly precise
precisely present pretty previous probably profile profiles progress pull put question questions
quick quickest quickly quite rank ranking rate rather read real really reason recent recently
regarding relative remember report result results right rise rising rose roughly said same saw say
see seem seems seen several shall she should show showed showing shows shrink shrinking side sign
simply since size slow slower slowest small smaller smallest so social socials some somebody somehow
someone something sometimes somewhere soon sort stand start started starting stat state statistic
statistics stats status still stood stuff such sum summary sure take taken takes taking talk tell
terms than thank thanks that the their them then there therefore these they thing things think this
those though three through throughout time times to today together told too took top total totals
towards tracking trend trends try trying turn two type under understand until up update upon us use
used user users using usual usually various versus very via view viral vs wait want wanted wants was
way ways we week weekend weeks well went were what whatever when where whether which while who whole
whose why will win winning with within won wonder wondering word words work worked working world
worse worst would wow year years yes yesterday yet you your yours yourself zero rose fell fall
falling fallen drop dropped dropping drops decline declined declining decrease decreased decreasing
change changed changes changing weird strange odd unusual spike spikes anomaly anomalies outlier
outliers peak peaks sudden suddenly stands standing special interesting notable surprising
connected connection connections linked account accounts platform platforms network networks list
overview recap highlights review analyse analyze analysis status summarise summarize everything
fan fans follower followers follow follows following followed subscriber subscribers subs subscribe
audience community engagement engagements interaction interactions engaged post posts posted posting
publish published publishing upload uploads uploaded reach reached reaching views viewed viewing
watch watched watching minute minutes hour hours likes liked comments comment commented shares share
shared saves save saved stream streams streamed streaming listener listeners listen listens play
plays played music song songs track tracks video videos release released put count counts count
instagram insta ig facebook fb youtube yt spotify january february march april june july august
september october november december monday tuesday wednesday thursday friday saturday sunday jan feb
mar apr jun jul aug sep sept oct nov dec half quarter quarters quarterly percent percentage strong
strongest weak weakest ordinary anyhow huge major massive online media band artist creator business
myself lower head gram following figure figures metric metrics sub recover recovered came joined attract attracted chart
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
