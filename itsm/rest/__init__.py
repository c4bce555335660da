"""What every part of the REST interface shares: who asks, in which form, and how it is answered.

Knows people and tokens (accounts) and nothing of tickets: apps add their own errors with `errors.register`.
"""
