"""Figures as forms and tables of the tax office take them."""


def yuan(fen: int) -> str:
    """Say fen as plain yuan with two decimals.

    >>> yuan(-156), yuan(158_149_952)
    ('-1.56', '1581499.52')
    """
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
