"""What programs send about a contract: terms, loads, results, called prices, claims."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Base64Bytes, Field

from remelt.platform.settlement.finals.terms import Terms
from remelt.web.inputs import ApiIn

Grams = Annotated[int, Field(ge=0, le=10**12)]
Fen = Annotated[int, Field(ge=0, le=10**13)]
Photo = Annotated[Base64Bytes, Field(max_length=16 * 2**20)] | None
Name = Annotated[str, Field(min_length=1, max_length=20)]


class ContractTermsIn(ApiIn):
    """Terms to be drafted and signed by one's own side; see docs/contracts.md."""

    terms: Terms


class LoadIn(ApiIn):
    """One load on one's own scale; the same load again supersedes the one before.

    photo: of its slip, a picture as base64.
    """

    load: Name
    ticket: Annotated[str, Field(min_length=1, max_length=40)]
    day: date
    gross_g: Grams
    tare_g: Grams
    deducted_g: Grams = 0
    photo: Photo = None


class ResultIn(ApiIn):
    """A laboratory's result; umpire: what the umpire's report says, entered by both sides.

    report: a picture of the certificate as base64.
    """

    analyte: Annotated[str, Field(min_length=1, max_length=10)]
    ppm: Annotated[int, Field(ge=0, le=1_000_000)]
    umpire: bool = False
    laboratory: Annotated[str, Field(max_length=60)] = ""
    report: Photo = None


class CallIn(ApiIn):
    """A part of the tonnage whose price is called today."""

    mass_g: Annotated[int, Field(gt=0, le=10**12)]


class ClaimWordIn(ApiIn):
    """What one's side says about the final settlement; about: of what it objects to."""

    word: Literal["agree", "object", "withdraw"]
    about: Literal["weight", "quality", "price", "other"] = "other"
    text: Annotated[str, Field(max_length=400)] = ""
