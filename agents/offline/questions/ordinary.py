"""Ordinary English: words that a rule may pass over without missing what was asked."""

_WORDS = """
a able abnormal about above absolutely account accounts accumulate accumulated achieve achieved
across activity actual actually add added after again against ago all almost alone along already
also although altogether always am among amount amounts an analyse analysis analyze and anomalies
anomaly another any anybody anyhow anymore anyone anything anyway apart approximately apr april are
around artist as ask asking at attention attract attracted audience aug august available away back
bad badly band barely basically be because become been before began begin behind being believe best
bet better between big bigger biggest birthday bit bits boss both bother breakdown brief briefing
briefly bring brought build built business but by call came can care catch certain certainly change
changed changes changing channel channels chart check choose claim clearly close collect collected
collecting come coming commencing comment commented comments common community compare compared
comparing comparison completely concerning connected connection connections considering content
cool correct could count counted counts couple cover covered covers crazy create created creator
cross crossed curious current currently curve dashboard data date dates day days dead dear dec
december decide decline declined declining decrease decreased decreasing definitely deliver
delivered depend describe detail detailed details develop developed developing did didn dip dips
directly discover do does doing done double doubt down dozen drive driven drop dropped dropping
drops drove during dying each earlier earliest earn earned easily easy effect eight either else end
ended ends engaged engagement engagements enjoy enough entirely especially estimate even evening
eventually ever every everybody everyone everything everywhere exact exactly exceptional excited
expect experience explain explore explored express extraordinary facebook fact fair fairly fall
fallen falling fan fans far fast faster fastest father fb fear feb february feel fell few fewer
fewest figure figures final finally find fine first five focus follow followed follower followers
following follows for force four free friday fridays friend from full fully fun further future gain
gained gaining gains gave general generally generate generated get gets getting gimme give given
glance go goes going gone gonna good got gotta gram great grew grow growing grown grows growth
guess guys had half hand handle happen happened happening happy hard hardly has hate have having he
head hear heard hello help here hey hi high higher highest highlights highly hint history hit hits
holiday holidays honest honestly hope hopefully hoping hot hour hours how however hows huge hundred
i idea if ig imagine immediately important impression improve improved improving in included
including increase increased increasing indeed info information inside insta instagram instead
interaction interactions interest interested interesting into irregular is issue it its itself jan
january join joined jul july jump jumps jun june just keep kind kinda kindly know known knows large
largely larger largest last lastly late lately later latest learn least leave led left lemme less
let lets level lie life light like liked likely likes linked list listen listener listeners listens
little live lived loads local long longer look looked looking looks lose loses losing loss losses
lost lot lots love loved low lower lowest made main mainly major make makes making manage manager
many mar march massive matter may maybe me mean means meant meanwhile measure measured media
mention merely metric metrics middle mind mine minus minute minutes mistake moment moments monday
mondays month months more moreover morning most mostly mother move moved moves moving much music
must my myself name near nearly necessarily need needs negative net network networks never new
newest next nice nights nine no nobody none nor normal normally not notable note noteworthy nothing
notice noticed nov november now number numbers obvious obviously occur oct october odd oddities of
off offer often ok okay old oldest on once one ones online only onto open or order ordinary
original originally other others otherwise our ours out outlier outliers over overall overview own
pace page pages part particular partly pass passed passing past pattern patterns pay peak peaks
peek people per percent percentage perform performance performed performing perhaps period person
personally pick picked picking place plan platform platforms play played plays please pleased
plenty plus point positive possible possibly post posted posting posts precise precisely prefer
present pretty previous previously primarily probably problem produce produced profile profiles
progress promise proper properly prove provide publish published publishing pull push put quarter
quarterly quarters question questions quick quickest quickly quiet quietly quite range ranges rank
ranking rapidly rarely rate rather reach reached reaching read real realise reality realize really
reason recap receive received receiving recent recently recover recovered refer regard regarding
regularly related relative release released remain remarkable remember remind reply report request
rest result results return returned review right rise rising rose rough roughly round run rundown
running sad said same saturday saturdays save saved saves saw say see seem seems seen sense sep
sept september serious serve set sets seven several shall share shared shares she short shortly
shot should show showed showing shows shrink shrinking side sign significantly similar similarly
simply since single six size slightly slow slower slowest slowing slowly small smaller smallest so
social socials solid some somebody somehow someone something sometimes somewhat somewhere song
songs soon sorry sort sorta sounds special specific speed spend spending spent spike spikes spot
spotify stable stand standing stands start started starting stat state statistic statistics stats
status stay steadily steady step steps still stood stop stopped strange stream streamed streaming
streams stretch strong strongest strongly stuff sub subs subscribe subscriber subscribers such
sudden suddenly suggest sum summarise summarize summary sunday sundays super support supported
suppose sure surely surprise surprised surprises surprising suspicious take taken takes taking talk
talking tally target task tell ten tend terms terrible terribly test than thank thanks that thats
the their them then there therefore theres these they thing things think thinking this those though
thought thoughts thousand three through throughout thursday till time times tiny to today together
told tonight too took top total totalled totally totals touch tough towards track tracking tracks
trend trending trends triple trouble true truly trust truth try trying tuesday tuesdays turn turned
twelve two type typically under understand unfortunately unique until unusual up update upload
uploaded uploads upon upto us use used user users using usual usually valentine valentines value
values various versus very via video videos view viewed viewing views viral visible visit volume vs
wait waiting walk wanna want wanted wants was watch watched watching way ways we weak weakest
wednesday week weekend weeks weird well went were what whatever whats when where wheres whether
which while who whole whose why wildly will win winning wish with within won wonder wondered
wonderfully wondering word words work worked working world worried worry worse worst worth would
wow write wrong yeah year years yep yes yesterday yet you your yours yourself youtube yt yup zero
thousand million billion mio
goal goals deadline deadlines milestone milestones reel reels story stories carousel carousels
photo photos picture pictures short shorts hashtag hashtags caption captions draft drafts format
formats topic topics clip clips links
"""
_ORDINARY = frozenset(_WORDS.split())
_SHORT = 2


def is_ordinary(text: str) -> bool:
    """Tell whether normalised text has only ordinary words, numbers and very short ones."""
    return not unknown_words(text)


def is_listed(word: str) -> bool:
    """Tell whether a word is ordinary whatever its length, which "Ed" is not."""
    return word in _ORDINARY


def unknown_words(text: str) -> list[str]:
    """Return the words of normalised text that no rule knows, each once."""
    return [
        word
        for word in dict.fromkeys(text.split())
        if word not in _ORDINARY and len(word) > _SHORT and not word[0].isdigit()
    ]
