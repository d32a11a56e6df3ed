"""The keys of every item. The sort key determines the kind of item."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model


class Row(Model):
    """The schema of an item; rows are not used outside this package.

    A row has no table of its own: `Table` reads and writes it, so that one process can use several
    tables and AWS accounts.
    """

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
