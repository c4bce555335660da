"""Questions of one's own over the records: picked, saved, shared, sent by schedule."""
