"""Questions about a listing, asked and answered in public."""

import re
import unicodedata
from typing import Final

from sqlmodel import Session, col, func, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.errors import ListingIsWithdrawn, NoSuchListing
from remelt.platform.market.events import QuestionAnswered, QuestionAsked
from remelt.platform.market.following.errors import (
    AlreadyAnswered,
    ContactInWords,
    NoSuchQuestion,
    OwnQuestion,
    QuestionUnreadable,
    TooManyQuestions,
)
from remelt.platform.market.following.models import Question
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import Offering

ASKED_LIMIT: Final = 500
ANSWER_LIMIT: Final = 1000
MOST_UNANSWERED: Final = 5
_CONTACT = re.compile(
    r"(?<!\d)1[3-9]\d[\s\-]?\d{4}[\s\-]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[\s\-]?\d{7,8}(?!\d)"
    r"|\d{11}|\w@|https?:|www\.|微信|加v|wechat|whatsapp|\bqq\b"
)


def ask(
    session: Session,
    *,
    clock: Clock,
    offered: Offering,
    asker_id: int,
    person_id: int,
    words: str,
) -> Question:
    """Ask something about a listing, for everybody to read; who asked is not shown.

    Raises `OwnQuestion`, `ListingIsWithdrawn`, `QuestionUnreadable`, `ContactInWords`, or
    `TooManyQuestions` while five of the organisation's wait for an answer.
    """
    listing = offered.listing
    if listing.seller_id == asker_id:
        raise OwnQuestion(listing=listing.code)
    if offered.auction.withdrawn_at is not None:
        raise ListingIsWithdrawn(listing=listing.code)
    check_words(words, field="asked", longest=ASKED_LIMIT)
    waiting = session.exec(
        select(func.count())
        .select_from(Question)
        .where(
            Question.listing_id == listing.key,
            Question.asker_id == asker_id,
            col(Question.answered_at).is_(None),
        )
    ).one()
    if waiting >= MOST_UNANSWERED:
        raise TooManyQuestions(most=MOST_UNANSWERED)
    now = clock.now(session)
    row = Question(
        code=new_code(), listing_id=listing.key, asker_id=asker_id, person_id=person_id,
        asked=words, asked_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    outbox.record(session, QuestionAsked(at=now, listing_code=listing.code, question_code=row.code))
    return row


def answer(
    session: Session,
    *,
    clock: Clock,
    listing: Listing,
    question_code: str,
    seller_id: int,
    person_id: int,
    words: str,
) -> Question:
    """Answer a question about one's own listing, once, for everybody to read.

    Raises `NoSuchListing` for another's, `NoSuchQuestion`, `AlreadyAnswered`,
    `QuestionUnreadable` or `ContactInWords`.
    """
    if listing.seller_id != seller_id:
        raise NoSuchListing(listing=listing.code)
    row = session.exec(
        select(Question)
        .where(Question.code == question_code, Question.listing_id == listing.key)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchQuestion(question=question_code[:20])
    if row.answered_at is not None:
        raise AlreadyAnswered(question=row.code)
    check_words(words, field="answer", longest=ANSWER_LIMIT)
    now = clock.now(session)
    row.sqlmodel_update({"answer": words, "answered_at": now, "answered_by": person_id})
    session.add(row)
    session.flush()
    outbox.record(
        session, QuestionAnswered(at=now, listing_code=listing.code, question_code=row.code)
    )
    return row


def questions(session: Session, *, listing_id: int, limit: int = 100) -> list[Question]:
    """Return what was asked about a listing, in order."""
    return list(
        session.exec(
            select(Question)
            .where(Question.listing_id == listing_id)
            .order_by(col(Question.id))
            .limit(limit)
        )
    )


def check_words(words: str, *, field: str, longest: int) -> None:
    """Refuse public words that say nothing, say too much, or tell who speaks.

    Bidders stay unknown to one another and the seller while an auction runs: telephone numbers,
    mail and messengers are refused; prices, masses and days are not taken for them.
    """
    tidy = unicodedata.normalize("NFKC", words).strip()
    if not 0 < len(tidy) <= longest or "\0" in words:
        raise QuestionUnreadable(field=field, most=longest)
    if _CONTACT.search(tidy.lower()):
        raise ContactInWords(field=field)
