"""Builds the deployed code without Docker: the two Lambda layers and the functions.

`python -m layers` (or `make layers`) writes them to `build/layers`, together with a dependency
layer for this machine, which a local deployment uses.
"""
