"""What stands in quotation marks: a title, or the text of a draft."""

import re

QUOTED = re.compile(
    r"[“\"«„](?P<text>.{1,2200}?)[”\"»“]|(?<!\w)['\u2018](?P<single>.{3,2200}?)['’](?!\w)",
    re.DOTALL,
)
