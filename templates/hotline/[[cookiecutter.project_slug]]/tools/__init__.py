"""The tools of this hotline project. Plain Python 3.11 or newer, nothing to install. Run them through tasks.py."""
