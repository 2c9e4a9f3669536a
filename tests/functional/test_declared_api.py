"""A seller's figure for pre-consumer scrap comes in by the API, for own lots only."""

from dataclasses import replace

import pytest
from flask import Flask

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.parties import tokens
from remelt.traceability.rules.conventions import ONLY_BY_MASS
from tests import works
from tests.parties import a_party

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_declared_figure_counts_by_mass_only(app: Flask, clock):
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        own, other = (a_party(session, clock=clock, role="smelter") for _ in range(2))
        clips = replace(works.CLIPS, track="520304")
        lot = works.a_lot(session, clock=clock, at=own, spec=clips)
        foreign = works.a_lot(session, clock=clock, at=other, spec=clips)
        cans = works.a_lot(session, clock=clock, at=own)
        _row, token = tokens.issue_token(
            session,
            clock=clock,
            actor=own.actor,
            name="papers",
            scopes=("traceability.label",),
            days=30,
        )
    said = {"co2e_g_per_kg": 4_200, "document": "EPD 7"}

    def sent(code, body=said):
        return app.test_client().post(
            f"/api/v1/lots/{code}/scrap-burden",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
        )

    answer = sent(lot.code)
    assert answer.status_code == 201
    assert answer.json["by_mass_co2e_g"] - answer.json["cut_off_co2e_g"] == 4_200_000
    assert ONLY_BY_MASS not in answer.json["missing"]
    assert sent(lot.code).status_code == 409
    assert sent(cans.code).status_code == 409
    assert sent(foreign.code).status_code == 404
    assert sent(lot.code, said | {"co2e_g_per_kg": -1}).status_code == 422
