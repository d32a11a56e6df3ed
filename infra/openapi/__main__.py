"""Write the OpenAPI document and the tables of docs/errors.md; `make openapi` runs this."""

from infra import errors_guide
from infra.openapi.document import PATH, as_text, document

if __name__ == "__main__":
    PATH.write_text(as_text(document()), encoding="utf-8")
    page = errors_guide.PATH.read_text(encoding="utf-8")
    errors_guide.PATH.write_text(errors_guide.with_tables(page), encoding="utf-8")
