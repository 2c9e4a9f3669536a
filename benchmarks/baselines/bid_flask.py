"""The locked transaction of `bid_for_update` behind a bare Flask app: nobody signs in."""

import os
import sys
from pathlib import Path

from flask import Flask, Response, jsonify, request
from sqlalchemy import MetaData, create_engine

sys.path.append(str(Path(__file__).parents[1]))

from baselines.bid_for_update import place

app = Flask(__name__)
engine = create_engine(os.environ["BIDS_URL"], pool_size=20)
known = MetaData()
known.reflect(engine, only=["auction", "bid"], resolve_fks=False)


@app.post("/bids")
def post_bid() -> Response:
    """Place a bid as the body says."""
    offer = request.get_json() | {"automatic": False}
    return jsonify(
        least_fen_per_t=place(engine, known.tables["auction"], known.tables["bid"], offer=offer)
    )
