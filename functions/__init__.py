"""The Lambda functions, a package each; importing one starts with what all of them need first."""

from shared.api.starting import start_lean

start_lean()
