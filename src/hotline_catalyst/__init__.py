"""Hotline Catalyst: from filled scoping questionnaires to a hotline's whole toolkit."""
