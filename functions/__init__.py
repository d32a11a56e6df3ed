"""The Lambda functions, one package each. Importing any of them starts Powertools lean."""

from shared.api.starting import start_lean

start_lean()
