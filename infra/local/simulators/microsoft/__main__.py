"""`python -m infra.local.simulators.microsoft`: serve the simulator until Ctrl-C."""

from infra.local.simulators.microsoft import MicrosoftSimulator
from infra.local.simulators.serving import run

run(MicrosoftSimulator(), name="Microsoft")
