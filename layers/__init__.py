"""Builds what Lambda finds under /opt: the dependency layer and the shared layer, without Docker.

`python -m layers` (or `make layers`) writes both, and the dependency layer for this machine that a
local deployment uses instead, to `build/layers`.
"""
