"""The week's money: an index, formula terms, known sellers, running accounts, the bank, papers."""
