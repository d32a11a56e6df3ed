"""The import package that the layer carries."""

VERSION = "0.1.0"
"""The version of the service, as pyproject.toml has it."""
