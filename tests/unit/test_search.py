"""Which words find a text."""
# ruff: noqa: RUF001  # letters of other scripts are what is tested

import pytest

from domain.search import build_query, find_words


def finds(search: str, text: str) -> bool:
    """Tell whether a search finds a text, as PostgreSQL compares words."""
    words = set(find_words(text))
    for term in (build_query(search) or "'\0'").split(" & "):
        word, _, is_beginning = term.partition(":")
        bare = word.strip("'")
        if not any(each.startswith(bare) if is_beginning else each == bare for each in words):
            return False
    return True


@pytest.mark.parametrize(
    ("search", "text"),
    [
        ("growth", "How was my growth?"),
        ("GROW", "How was my growth?"),
        ("grow my", "How was my growth?"),
        ("cafe", "Le Café des Amis"),
        ("café", "LE CAFE DES AMIS"),
        ("uber", "Über uns"),
        ("strasse", "Die Straße"),
        ("naïve", "nai\u0308ve"),
        ("подписчик", "Сколько у меня подписчиков?"),
        ("ακολουθοι", "Πόσοι ακόλουθοι;"),
        ("متابع", "كم متابعا لدي؟"),
        ("followers", "ｆｏｌｌｏｗｅｒｓ"),
        ("增长", "我上个月的粉丝增长是多少"),
        ("粉丝增长", "我上个月的粉丝增长是多少"),
        ("粉", "我上个月的粉丝"),
        ("丝", "我上个月的粉丝"),
        ("フォロワー", "先月のフォロワー数は"),
        ("iphone手机", "我的iPhone手机"),
        ("ผู้ติดตาม", "เดือนที่แล้วผู้ติดตามเพิ่มขึ้นเท่าไร"),
        ("팔로워", "지난달 팔로워는 몇 명이에요"),
        ("अनुयायी", "मेरे अनुयायी कितने हैं"),
        ("24310", "You have 24,310 followers"),
        ("24.310", "You have 24,310 followers"),
        ("24 k", "24 k before the tour"),
        ("studio_tour", "#studio_tour"),
        ("tour", "#studio_tour"),
        ("it's", "it's"),
        ("🎉 party", "A party 🎉"),
    ],
)
def test_words_find_what_a_reader_means(search: str, text: str) -> None:
    assert finds(search, text)


@pytest.mark.parametrize(
    ("search", "text"),
    [
        ("rowth", "growth"),
        ("growth spain", "growth"),
        ("长增", "粉丝增长"),
        ("粉长", "粉丝增长"),
        ("2431", "24,310 followers and 31"[7:]),
        ("!!!", "!!!"),
    ],
)
def test_other_words_find_nothing(search: str, text: str) -> None:
    assert not finds(search, text)


@pytest.mark.parametrize("search", ["", "   ", "!?", "'\\':* & |", "🎉"])
def test_a_search_without_words_is_no_query(search: str) -> None:
    assert build_query(search) is None


def test_a_query_has_no_signs_of_its_own() -> None:
    assert build_query("a' | b\\ & (c:*)") == "'a':* & 'b':* & 'c':*"


def test_a_word_is_cut_alike_in_text_and_search() -> None:
    word = "x" * 5_000
    assert finds(word, f"a {word} b")
