"""Codes that people see, type and scan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remelt.platform.kernel.codes import ALPHABET, BadCode, check_characters, new_code, read_code


def test_the_published_example_of_iso_7064():
    assert check_characters("ISO79") == "3W"


def test_codes_are_fresh_and_read_back():
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(read_code(code) == code for code in codes)


@given(st.integers(0, 13), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_noticed(place: int, wrong: str):
    code = "ABCDEFGH2345" + check_characters("ABCDEFGH2345")
    typed = code[:place] + wrong + code[place + 1 :]
    if typed == code:
        return
    with pytest.raises(BadCode):
        read_code(typed)


@given(st.integers(0, 12))
def test_every_swap_of_neighbours_is_noticed(place: int):
    code = "ABCDEFGH2345" + check_characters("ABCDEFGH2345")
    typed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if typed == code:
        return
    with pytest.raises(BadCode):
        read_code(typed)


def test_typed_codes_are_tidied():
    code = new_code()
    grouped = f" {code[:4]}-{code[4:8]} {code[8:].lower()} "
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in code)
    address = f"HTTPS://TAGS.EXAMPLE/L/{code}"
    assert {read_code(text) for text in (grouped, full_width, address)} == {code}


@pytest.mark.parametrize("text", ["", "A", "\0" * 14, "铝" * 14, "A" * 10_000])
def test_what_is_no_code_is_refused(text: str):
    with pytest.raises(BadCode):
        read_code(text)
