"""Every event of the socket as a closed type; the client's TypeScript is generated from here."""
