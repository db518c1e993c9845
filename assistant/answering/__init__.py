"""One question -> one checked answer. Imports nothing of index, records or surfaces."""
