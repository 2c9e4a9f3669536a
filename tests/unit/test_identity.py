"""Identity numbers are checked, sealed and never shown whole."""

import pytest
from cryptography.exceptions import InvalidTag

from remelt.platform.yard.errors import BadIdNumber, BusinessNumber
from remelt.platform.yard.identity import Vault, masked, read_id_number

NUMBER = "11010519491231002X"  # the worked example of GB 11643


def test_a_number_is_tidied_and_checked():
    assert read_id_number("１１０１０５１９４９１２３１００２x ") == NUMBER
    for bad in ("", "110105194912310021", NUMBER[:-1], "A" * 18, "1" * 10_000):
        with pytest.raises(BadIdNumber):
            read_id_number(bad)


@pytest.mark.parametrize("number", ["91350100M000100Y43", "92520181ma6dem001t"])
def test_a_firm_or_household_business_is_no_person(number):
    """The first is the worked example of GB 32100, the second is made up."""
    with pytest.raises(BusinessNumber):
        read_id_number(number)
    with pytest.raises(BadIdNumber):
        read_id_number(number[:-1] + "0")


def test_only_the_ends_are_shown():
    assert masked(NUMBER) == "11**************2X"


def test_a_sealed_number_opens_with_its_key_only():
    vault, other = Vault(b"k" * 32), Vault(b"o" * 32)
    sealed = vault.seal(NUMBER)
    assert NUMBER not in sealed
    assert sealed != vault.seal(NUMBER)
    assert vault.open(sealed) == NUMBER
    assert vault.digest(NUMBER) == Vault(b"k" * 32).digest(NUMBER) != other.digest(NUMBER)
    with pytest.raises(InvalidTag):
        other.open(sealed)


def test_a_short_key_is_no_key():
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(b"short")
