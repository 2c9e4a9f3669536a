"""How often Python looks for cycles among what was made."""

import gc

OFTEN = 50_000


def settle() -> None:
    """Look at what stands for the life of the process no more, and at the rest less often.

    A request that reads a thousand lots makes hundreds of thousands of small objects, none of
    them a cycle; looking at them again and again took a third of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OFTEN, 20, 50)
