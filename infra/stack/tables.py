"""The two DynamoDB tables, from the data in infra/tables.py."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra import tables
from infra.stages import StageSpec


class DynamoDbTables(Construct):
    """The tables, encrypted with the stack's key and with point-in-time recovery."""

    def __init__(self, scope: Construct, name: str, *, stage: StageSpec, key: kms.IKey) -> None:
        super().__init__(scope, name)
        self._stage = stage
        self._key = key
        self.events = self._table("Events", tables.EVENTS)
        self.connections = self._table("Connections", tables.CONNECTIONS)

    def index_arn(self, index: str) -> str:
        """Return the ARN of an index. Index names are unique over both tables.

        Raises:
            ValueError: no table has the index.
        """
        for table, spec in self._pairs():
            if any(each.name == index for each in spec.indexes):
                return f"{table.table_arn}/index/{index}"
        raise ValueError(f"No table has an index {index}. Add it to infra/tables.py.")

    @property
    def environment(self) -> dict[str, str]:
        """The tables' names by environment variable."""
        return {spec.setting: table.table_name for table, spec in self._pairs()}

    def _pairs(self) -> tuple[tuple[dynamodb.Table, tables.TableSpec], ...]:
        return (self.events, tables.EVENTS), (self.connections, tables.CONNECTIONS)

    def _table(self, name: str, spec: tables.TableSpec) -> dynamodb.Table:
        keeps_data = self._stage.keeps_data
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
            stream=dynamodb.StreamViewType(tables.STREAM_IMAGES),
            time_to_live_attribute=tables.TTL_ATTRIBUTE,
            deletion_protection=keeps_data,
            removal_policy=RemovalPolicy.RETAIN if keeps_data else RemovalPolicy.DESTROY,
        )
        for index in spec.indexes:
            table.add_global_secondary_index(
                index_name=index.name,
                partition_key=_text(index.partition_key),
                sort_key=_text(index.sort_key) if index.sort_key else None,
                projection_type=dynamodb.ProjectionType.KEYS_ONLY,
            )
        return table


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
