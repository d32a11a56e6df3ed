"""`python -m infra.local.simulators.google`: serve the simulator until Ctrl-C."""

from infra.local.simulators.google import GoogleSimulator
from infra.local.simulators.serving import run

run(GoogleSimulator(), name="Google")
