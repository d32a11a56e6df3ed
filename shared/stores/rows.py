"""What every item has: the two keys. The sort key tells what kind of item it is."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model


class Row(Model):
    """An item's shape; rows never leave this package.

    It belongs to no table: `Table` reads and writes it, so that one process can serve several
    tables and accounts.
    """

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
