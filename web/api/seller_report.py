"""The quarter's report of sellers for programs of the operator; identity numbers stay sealed."""

from datetime import date
from typing import Annotated

from pydantic import Field

from remelt.platform.settlement.reporting import read_quarter, sellers_report
from remelt.web.api.base import api_blueprint
from remelt.web.context import needs, store
from remelt.web.inputs import ApiOut, ApiQuery

bp = api_blueprint("seller_report", tag="Settlement")


class QuarterIn(ApiQuery):
    """Which quarter."""

    quarter: Annotated[str, Field(pattern=r"^20\d\d-Q[1-4]$")]


class SellerLineOut(ApiOut):
    """What one seller sold over the platform; amounts in fen, VAT inside net."""

    code: str
    name: str
    legal_form: str
    business_licence: str | None
    sales: int
    gross_fen: int
    returned_fen: int
    net_fen: int
    vat_fen: int


class SellersOut(ApiOut):
    """A quarter's sellers, and the last day on which the report is due."""

    quarter: str
    due: date
    sellers: list[SellerLineOut]


@bp.get("/seller-report")
@needs("settlement.oversee")
@bp.input(QuarterIn, location="query", arg_name="asked")
@bp.output(SellersOut)
def seller_report(asked: QuarterIn) -> SellersOut:
    """What each seller sold over the platform in a quarter, as the tax office asks of platforms."""
    quarter = read_quarter(asked.quarter)
    with store().read() as session:
        lines = sellers_report(session, quarter=quarter)
        return SellersOut(
            quarter=quarter.name,
            due=quarter.due,
            sellers=[
                SellerLineOut(
                    code=line.seller.code,
                    name=line.seller.name_zh,
                    legal_form=line.seller.legal_form,
                    business_licence=line.licence,
                    sales=line.deals,
                    gross_fen=line.gross_fen,
                    returned_fen=line.returned_fen,
                    net_fen=line.net_fen,
                    vat_fen=line.vat_fen,
                )
                for line in lines
            ],
        )
