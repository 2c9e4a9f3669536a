"""What people and programs send in: read strictly, refused field by field."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from flask_babel import gettext
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from remelt.platform.kernel.errors import Invalid
from remelt.web.messages import RULES

TEXT_LIMIT = 20_000
_SURROGATES = range(0xD800, 0xE000)

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
Moment = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
MONTH = Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")
Month = Annotated[str, MONTH]


class InputRefused(Invalid):
    """Fields break rules. `errors` maps the field (`lines-0-mass_kg`) to (rule, sentence)."""

    code = "invalid-input"

    def __init__(self, errors: Mapping[str, tuple[str, str]]) -> None:
        super().__init__()
        self.errors = dict(errors)


class Strict(BaseModel):
    """A model that takes what it names and nothing else; texts are storable and bounded."""

    model_config = ConfigDict(
        strict=True, extra="forbid", str_strip_whitespace=True, str_max_length=TEXT_LIMIT
    )

    @field_validator("*", mode="after")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        if isinstance(value, str) and any(c == "\0" or ord(c) in _SURROGATES for c in value):
            raise PydanticCustomError("nul", "a character that cannot be stored")
        return value


class ApiIn(Strict):
    """The body of an API call, read as JSON in strict mode: `"5"` is no number."""

    @classmethod
    def model_validate(cls, obj: Any, **_options: Any) -> Self:
        """Read a decoded JSON value. Raises `InputRefused` with every broken rule."""
        try:
            return cls.model_validate_json(json.dumps(obj))
        except ValidationError as refused:
            raise InputRefused(explained(refused.errors())) from None


class ApiQuery(Strict):
    """The query of an API call or of a list page: texts that are read as their field's type."""

    @classmethod
    def model_validate(cls, obj: Any, **_options: Any) -> Self:
        """Read the query's texts. Raises `InputRefused`."""
        try:
            return cls.model_validate_strings({k: v for k, v in obj.items() if v != ""})
        except ValidationError as refused:
            raise InputRefused(explained(refused.errors())) from None


class ApiOut(BaseModel):
    """An answer of the API: masses in g, money in fen, times in UTC."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


def explained(errors: list[ErrorDetails]) -> dict[str, tuple[str, str]]:
    """Return field -> (rule, sentence), the first broken rule of each field."""
    found: dict[str, tuple[str, str]] = {}
    for error in errors:
        field = "-".join(str(part) for part in error["loc"]) or "body"
        rule = _of_text(error["type"]) if isinstance(error["input"], str) else error["type"]
        found.setdefault(field, (rule, sentence(rule, error.get("ctx", {}))))
    return found


def _of_text(rule: str) -> str:
    """Name a rule of length for a text; pydantic tells it as one of a list behind a reader.

    >>> _of_text("too_long"), _of_text("blank")
    ('string_too_long', 'blank')
    """
    return f"string_{rule}" if rule in {"too_long", "too_short"} else rule


def sentence(rule: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence of a broken rule in the reader's language."""
    known = {name: str(value) for name, value in facts.items()}
    text: str = gettext(RULES.get(rule, RULES["other"]))
    try:
        return text % known
    except KeyError:
        return str(gettext(RULES["other"]))
