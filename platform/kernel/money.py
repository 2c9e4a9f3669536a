"""Money in whole fen. One rule of rounding for every ticket, contract and settlement."""

G_PER_T = 1_000_000


def amount_fen(mass_g: int, *, price_fen_per_t: int) -> int:
    """Return what `mass_g` costs at `price_fen_per_t`, in fen, halves rounded up.

    Integer arithmetic throughout: floor((mass x price + 500,000) / 1,000,000). The database
    says the same in its CHECKs (`amount_check`), so a stored amount can always be worked again.

    mass_g: >= 0, in g. price_fen_per_t: >= 0, in fen (0.01 CNY) per tonne.
    Raises ValueError for a negative mass or price.

    >>> amount_fen(1_234_500, price_fen_per_t=1_310_000)
    1617195
    >>> amount_fen(500, price_fen_per_t=1_001)
    1
    """
    if mass_g < 0 or price_fen_per_t < 0:
        raise ValueError("mass and price are at least zero")
    return (mass_g * price_fen_per_t + G_PER_T // 2) // G_PER_T


def amount_check(mass: str, price: str, amount: str) -> str:
    """Return the same rule as SQL over three column names, for a CHECK constraint."""
    return f"{amount} = ({mass} * {price} + {G_PER_T // 2}) / {G_PER_T}"


def share_half_up(value: int, *, share_bp: int) -> int:
    """Return `share_bp` (1/10,000) of `value`, halves rounded up; both >= 0.

    >>> share_half_up(91_400_000, share_bp=70)
    639800
    """
    if value < 0 or share_bp < 0:
        raise ValueError("value and share are at least zero")
    return (value * share_bp + 5_000) // 10_000
