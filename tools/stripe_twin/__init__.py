"""A twin of the Stripe API, version 2023-08-16, on a loopback port: see README.md."""
