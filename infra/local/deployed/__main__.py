"""`python -m infra.local.deployed`."""

import sys

from infra.local.deployed import main

sys.exit(main())
