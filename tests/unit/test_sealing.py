"""A sealed offer opens with both halves together, for its own auction and bidder, and only so."""

import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from remelt.platform.kernel.codes import new_code
from remelt.platform.market.sealing.envelope import (
    SealedOffer,
    Unopenable,
    as_bytes,
    as_text,
    blind_body,
    blind_key,
    receipt,
    seal,
    unseal,
)
from remelt.platform.market.sealing.errors import (
    HalfMissing,
    HalfNotGiven,
    HalfOfAnother,
    HalfUnreadable,
)
from remelt.platform.market.sealing.halves import HalfFolder, join, make_key, read_half, written

AUCTION = "ABCD2345EFGH00"
BIDDER = "ZYXW7654VUTS11"
OFFER = SealedOffer.of(1_523_700)


def test_both_halves_open_what_was_sealed():
    key = make_key(AUCTION)
    shut = seal(OFFER, public=key.public, auction_code=AUCTION, bidder_code=BIDDER)
    private = join(key.kept, read_half(key.given, auction_code=AUCTION), public=key.public)
    assert unseal(shut, private=private, auction_code=AUCTION, bidder_code=BIDDER) == OFFER


def test_one_half_is_no_key():
    key = make_key(AUCTION)
    given = read_half(key.given, auction_code=AUCTION)
    shut = seal(OFFER, public=key.public, auction_code=AUCTION, bidder_code=BIDDER)
    for half in (key.kept, given):
        alone = X25519PrivateKey.from_private_bytes(half)
        with pytest.raises(Unopenable):
            unseal(shut, private=alone, auction_code=AUCTION, bidder_code=BIDDER)
        with pytest.raises(HalfOfAnother):
            join(half, half, public=key.public)


@pytest.mark.parametrize(
    ("auction", "bidder"), [(new_code(), BIDDER), (AUCTION, new_code())], ids=["auction", "bidder"]
)
def test_an_envelope_cannot_be_moved(auction, bidder):
    key = make_key(AUCTION)
    shut = seal(OFFER, public=key.public, auction_code=AUCTION, bidder_code=BIDDER)
    private = join(key.kept, read_half(key.given, auction_code=AUCTION), public=key.public)
    with pytest.raises(Unopenable):
        unseal(shut, private=private, auction_code=auction, bidder_code=bidder)


def test_a_turned_bit_is_not_read():
    key = make_key(AUCTION)
    shut = bytearray(seal(OFFER, public=key.public, auction_code=AUCTION, bidder_code=BIDDER))
    private = join(key.kept, read_half(key.given, auction_code=AUCTION), public=key.public)
    for place in range(0, len(shut), 11):
        turned = bytes(shut[:place] + bytes([shut[place] ^ 1]) + shut[place + 1 :])
        with pytest.raises(Unopenable):
            unseal(turned, private=private, auction_code=AUCTION, bidder_code=BIDDER)


def test_equal_prices_look_different_and_no_length_tells():
    key = make_key(AUCTION)
    offers = [SealedOffer.of(price) for price in (1, 1, 100_000_000)]
    shut = [seal(o, public=key.public, auction_code=AUCTION, bidder_code=BIDDER) for o in offers]
    assert len(set(shut)) == len({receipt(each) for each in shut}) == 3
    assert len({len(each) for each in shut}) == 1
    assert offers[0].digest() != offers[1].digest()
    assert as_bytes(as_text(shut[0])) == shut[0]


@pytest.mark.parametrize(
    ("presented", "refusal"),
    [
        ("", HalfNotGiven),
        (" \n", HalfNotGiven),
        ("remelt-half-1", HalfUnreadable),
        ("remelt-half-2.{auction}.{half}.{check}", HalfUnreadable),
        ("remelt-half-1.{auction}.{half}.00000000", HalfUnreadable),
        ("remelt-half-1.{auction}.{cut}.{check}", HalfUnreadable),
        ("\u00e9" * 300, HalfUnreadable),
    ],
)
def test_what_is_no_half_is_named(presented, refusal):
    _, auction, half, check = make_key(AUCTION).given.split(".")
    text = presented.format(auction=auction, half=half, cut=half[:-1], check=check)
    with pytest.raises(refusal):
        read_half(text, auction_code=AUCTION)


def test_the_half_of_another_auction_or_an_earlier_key_is_named():
    with pytest.raises(HalfOfAnother):
        read_half(make_key(new_code()).given, auction_code=AUCTION)
    earlier, key = make_key(AUCTION), make_key(AUCTION)
    with pytest.raises(HalfOfAnother):
        join(key.kept, read_half(earlier.given, auction_code=AUCTION), public=key.public)


def test_a_half_broken_over_lines_is_read():
    half = bytes(range(32))
    text = written(half, auction_code=AUCTION)
    assert read_half(f"  {text[:30]}\n{text[30:]} ", auction_code=AUCTION) == half


def test_halves_lie_in_files_of_the_server_alone(tmp_path):
    folder, key = HalfFolder(tmp_path / "keys" / "auctions"), make_key(AUCTION)
    folder.keep(key.kept, public=key.public)
    assert folder.read(key.public) == key.kept
    (path,) = folder.folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.folder.stat().st_mode) == 0o700
    path.write_bytes(key.kept[:31])
    with pytest.raises(HalfMissing):
        folder.read(key.public)
    folder.drop(key.public)
    with pytest.raises(HalfMissing):
        folder.read(key.public)


def test_a_new_key_shows_no_half_when_it_is_printed():
    key = make_key(AUCTION)
    assert key.given not in repr(key)
    assert repr(key.kept) not in repr(key)


def test_a_retry_is_found_without_the_price_being_guessable():
    client_key = "a-random-key-of-the-client"
    body = b'{"price_fen_per_t":1523700}'
    assert blind_body(body, client_key=client_key) == blind_body(body, client_key=client_key)
    assert blind_body(body, client_key=client_key) != blind_body(b"{}", client_key=client_key)
    assert blind_body(body, client_key=client_key) != blind_body(body, client_key="another")
    assert blind_key(client_key) not in {client_key, blind_key("another")}
