"""Keeping what people said safe: packing for the way, noting hand-overs, erasing on request."""
