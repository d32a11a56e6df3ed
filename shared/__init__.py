"""The package in the Lambda layer that all functions import."""

VERSION = "0.1.0"
"""The version of the service; equal to the one in pyproject.toml."""
