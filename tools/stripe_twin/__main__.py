"""`python -m tools.stripe_twin [PORT]`: a twin on the loopback until it is interrupted."""

import signal
import sys
from contextlib import suppress

from tools.stripe_twin.app import Twin
from tools.stripe_twin.server import serving

PORT = 12_111


def main(port: int) -> None:
    """Serve a twin that sends its events by itself."""
    twin = Twin()
    twin.post.start()
    with serving(twin, port=port) as address, suppress(KeyboardInterrupt):
        print(f"Stripe twin {twin.subset.version} on {address}", flush=True)
        signal.pause()
    twin.post.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PORT)
