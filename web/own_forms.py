"""The form with which a seller ties the own account."""

from typing import Annotated

from pydantic import Field

from remelt.web.fields import Tick, Words
from remelt.web.forms import Form


class TieForm(Form):
    """The code that a buyer handed over, the identity number, and consent."""

    code: Annotated[Words, Field(max_length=30)]
    id_number: Annotated[Words, Field(max_length=40)]
    consent: Tick
