import pytest

from infra.stages import STAGES, StageError, find_stage


@pytest.mark.parametrize("name", ["prod", "", None])
def test_an_unknown_stage_is_rejected_with_the_list_of_stages(name: str | None) -> None:
    with pytest.raises(StageError, match=f"{name!r}.*dev, staging, production, local"):
        find_stage(name)


def test_production_requires_public_keys_and_an_alarm_address() -> None:
    assert {"jwks_url", "alarm_address"} <= set(find_stage("production").required)


def test_only_production_retains_its_data() -> None:
    assert ["production"] == [name for name, stage in STAGES.items() if stage.keeps_data]


@pytest.mark.parametrize("name", STAGES)
def test_public_routes_are_throttled_more_than_others(name: str) -> None:
    stage = find_stage(name)

    assert stage.public_throttle.rate < stage.throttle.rate
    assert stage.public_throttle.burst < stage.throttle.burst
