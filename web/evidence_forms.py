"""The form of evidence."""

from typing import Annotated, Literal

from pydantic import Field

from remelt.web.fields import Text
from remelt.web.forms import Form


class PaperForm(Form):
    """A paper: what it is, its number, and a photo of it."""

    paper: Literal["photo", "payment", "invoice"]
    number: Annotated[Text, Field(max_length=40)] = ""
