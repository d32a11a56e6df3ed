"""Write the payloads to events/; `make events` runs this."""

from infra.payloads.catalogue import write

if __name__ == "__main__":
    write()
