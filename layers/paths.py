"""Where the sources are, and where the builds go."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "layers"
