"""What we ask and what the answers mean: instrument, responses, readiness, findings."""
