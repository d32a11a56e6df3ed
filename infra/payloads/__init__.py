"""The payloads AWS invokes each function with, written to events/ by `make events`."""
