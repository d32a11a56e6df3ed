"""What `shared/aws/`, `shared/api/envelope.py` and `layers/trim.py` rely on inside libraries."""

import json
from pathlib import Path
from typing import Any

import botocore
import pytest
from aws_encryption_sdk import StrictAwsKmsMasterKeyProvider
from botocore.config import Config
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.session import Session
from pydantic_core import PydanticSerializationError, to_json

KEY = "arn:aws:kms:eu-central-1:123456789012:key/6f1d0c2a-9a54-4f0b-8a39-1f6e0d6c7b21"


@pytest.fixture
def session() -> Session:
    session = Session()
    session.set_config_variable("region", "eu-central-1")
    session.set_default_client_config(Config(connect_timeout=1, read_timeout=3))
    return session


def test_a_botocore_session_merges_its_default_configuration_into_every_client(
    session: Session,
) -> None:
    config: Any = session.create_client("sqs", config=Config(read_timeout=10)).meta.config

    assert (config.connect_timeout, config.read_timeout) == (1, 10)


def test_the_encryption_sdk_calls_kms_with_the_session_it_is_given(session: Session) -> None:
    provider = StrictAwsKmsMasterKeyProvider(key_ids=[KEY], botocore_session=session)

    [client] = provider._regional_clients.values()

    assert client.meta.config.connect_timeout == 1


def test_botocore_reads_each_service_from_a_folder_of_its_data(tmp_path: Path) -> None:
    (tmp_path / "sqs").symlink_to(Path(botocore.__file__).parent / "data" / "sqs")
    loader = Loader(extra_search_paths=[str(tmp_path)], include_default_search_paths=False)

    assert loader.load_service_model("sqs", "service-2")["operations"]
    with pytest.raises(UnknownServiceError):
        loader.load_service_model("sns", "service-2")


def test_pydantic_core_rejects_half_a_surrogate_pair_and_json_escapes_it() -> None:
    text = {"title": "half \ud83d"}

    with pytest.raises(PydanticSerializationError):
        to_json(text)
    assert json.dumps(text) == '{"title": "half \\ud83d"}'
