"""The access log: who saw what of whose data. Append-only, hash-chained per patient."""
