"""`python -m infra.local.invoke FUNCTION PAYLOAD`."""

import sys

from infra.local.invoke.command import main

sys.exit(main())
