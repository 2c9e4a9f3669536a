"""The lot ledger beside its peers: capture, genealogy, passports, labels, corrections."""

import sys

from frame import Measure, run
from ledger_measures import epcis, genealogy, labels, proof_vectors, proofs, restating

# one entry per line: name -> what yields its rows
MEASURES: dict[str, Measure] = {
    "epcis-verdicts": epcis.judged,
    "event-hash": epcis.hashed,
    "capture": epcis.captured,
    "genealogy-sqlite": genealogy.on_sqlite,
    "genealogy-postgresql": genealogy.on_postgresql,
    "labels-made": labels.making,
    "labels-read": labels.reading,
    "restating-sqlite": restating.on_sqlite,
    "restating-postgresql": restating.on_postgresql,
    "proof-vectors": proof_vectors.vectors,
    "passports": proofs.passports,
}

if __name__ == "__main__":
    sys.exit(run("The lot ledger", MEASURES))
