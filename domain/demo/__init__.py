"""The demo creator: a believable year of numbers and posts, the same for the same day.

Ida Wrenfeld, invented, is an independent singer-songwriter in Berlin who records quiet indie
folk in her kitchen and in stairwells. Her year always ends today, and so do its stories;
`tests/unit/test_demo.py` finds each of them in the numbers again.

| story | where to find it |
|---|---|
| a viral reel | Instagram, a Thursday at 18:05, 32 to 38 days ago: 20 times the median views |
| a follower jump | Instagram, that day and the five after: 600 more than usual |
| a dead week | Monday to Sunday, about 121 days ago: no post anywhere, engagement falls |
| a declining platform | Facebook: fewer followers after each of the last six months, less reach |
| a best hour | Instagram, Thursdays from 18:00 to 18:59: twice the usual engagement |
| a goal nearly reached | 25,000 Instagram followers: 89 % of the way, 42 days left, on pace |
| a goal far behind | 10,000 YouTube subscribers: a third of the way in four fifths of the time |
| the fastest growth | YouTube in percent, last month and last year; Instagram comes second |
| the better format | Instagram reels: twice the engagement of photos |
| a wider audience | Germany's share fell on each platform, Britain's and America's rose |

Null is what a platform does not tell: all of Spotify's today, and YouTube's views, watch time
and engagement of today and yesterday. Today is preliminary, lower since it is still running,
and has no posts yet. Who follows her is told every four weeks, by age, gender, country and city;
YouTube tells no cities, and Facebook nothing at all.
"""

from domain.demo.creator import DemoCreator, build_demo
from domain.demo.seed import DEMO_EMAIL, DEMO_PASSWORD, seed_demo

__all__ = ["DEMO_EMAIL", "DEMO_PASSWORD", "DemoCreator", "build_demo", "seed_demo"]
