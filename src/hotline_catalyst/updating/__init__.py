"""Brings a starter project to this toolkit's template without losing a line the hotline wrote."""
