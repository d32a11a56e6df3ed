"""Both DynamoDB tables, as infra/tables.py describes them."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra import tables
from infra.stages import Stage


class Tables(Construct):
    """The tables, under the stack's key and with point-in-time recovery."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, key: kms.IKey) -> None:
        super().__init__(scope, name)
        self._stage = stage
        self._key = key
        self.events = self._table("Events", tables.EVENTS)
        self.connections = self._table("Connections", tables.CONNECTIONS)

    def index_arn(self, index: str) -> str:
        """Return the ARN of the index of that name; it is of the one table that has it."""
        for table, data in self._pairs():
            if any(each.name == index for each in data.indexes):
                return f"{table.table_arn}/index/{index}"
        raise ValueError(f"no table has an index {index}; add it to infra/tables.py")

    @property
    def environment(self) -> dict[str, str]:
        """The tables' names by the variables that carry them."""
        return {data.setting: table.table_name for table, data in self._pairs()}

    def _pairs(self) -> tuple[tuple[dynamodb.Table, tables.Table], ...]:
        return (self.events, tables.EVENTS), (self.connections, tables.CONNECTIONS)

    def _table(self, name: str, data: tables.Table) -> dynamodb.Table:
        kept = self._stage.keeps_data
        table = dynamodb.Table(
            self,
            name,
            partition_key=_text(tables.PARTITION_KEY),
            sort_key=_text(tables.SORT_KEY),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self._key,
            stream=dynamodb.StreamViewType.NEW_IMAGE if data.has_stream else None,
            time_to_live_attribute=tables.TTL_ATTRIBUTE,
            deletion_protection=kept,
            removal_policy=RemovalPolicy.RETAIN if kept else RemovalPolicy.DESTROY,
        )
        for index in data.indexes:
            table.add_global_secondary_index(
                index_name=index.name,
                partition_key=_text(index.partition_key),
                sort_key=_text(index.sort_key) if index.sort_key else None,
                projection_type=dynamodb.ProjectionType.KEYS_ONLY,
            )
        return table


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
