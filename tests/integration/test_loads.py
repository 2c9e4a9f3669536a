"""A load is numbered once, and its number says which lot it is."""

import pytest

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.codes import fits_gs1
from remelt.platform.kernel.store import Store
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.labels.loads import NoCompanyPrefix, load_number, lot_of_load, number_load
from tests import loop
from tests.parties import a_party


def test_a_load_keeps_its_number(store: Store, clock):
    with store.write() as session:
        load_package_data(session)
        party = a_party(session, clock=clock, role="hub")
        lots = [loop.bring(session, clock=clock, party=party) for _ in range(2)]
    with store.write() as session:
        numbers = [
            number_load(session, clock=clock, lot_code=lot.code, prefix="690000012")
            for lot in (*lots, lots[0])
        ]
    first, second, again = numbers
    assert first == again != second
    assert all(len(each) == 18 and fits_gs1(each) for each in numbers)
    assert all(each[1:10] == "690000012" for each in numbers)
    with store.read() as session:
        assert lot_of_load(session, sscc=second) == lots[1].code
        assert load_number(session, lot_code=lots[0].code) == first


def test_a_load_needs_a_prefix_and_a_lot(store: Store, clock):
    with store.write() as session:
        with pytest.raises(NoCompanyPrefix):
            number_load(session, clock=clock, lot_code="A", prefix="")
        with pytest.raises(NoSuchLot):
            number_load(session, clock=clock, lot_code="A", prefix="6900000")
        with pytest.raises(NoSuchLot):
            lot_of_load(session, sscc="0" * 18)
