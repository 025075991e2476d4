"""Who is there: pure timeouts and the tracker that applies them."""
