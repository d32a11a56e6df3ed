"""Write the document to the function that serves it; `make openapi` runs this."""

from pathlib import Path

from infra.openapi.document import as_text, document

PATH = Path(__file__).parents[2] / "functions" / "status" / "openapi.json"

PATH.write_text(as_text(document()))
