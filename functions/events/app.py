"""The app that the modules of this folder add their routes to."""

from shared import wiring
from shared.api.app import App

app = App(addresses=wiring.addresses)
