"""Write the OpenAPI document to the function that serves it; `make openapi` runs this."""

from infra.openapi.document import PATH, as_text, document

if __name__ == "__main__":
    PATH.write_text(as_text(document()), encoding="utf-8")
