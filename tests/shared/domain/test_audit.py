from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.audit import SERVICE, AuditAction, AuditEntry, with_entry
from shared.domain.role import Role
from tests.support.platform import NOW

ACTIONS = st.lists(st.sampled_from(AuditAction), max_size=12)


def entry(action: AuditAction, version: int = 1, role: str = Role.COACH) -> AuditEntry:
    return AuditEntry(
        action=action,
        actor_id="ann",
        role=role,
        at=NOW + timedelta(hours=version),
        version=version,
    )


@given(ACTIONS)
def test_only_the_latest_entry_of_each_action_is_stored(actions: list[AuditAction]) -> None:
    entries: tuple[AuditEntry, ...] = ()
    for version, action in enumerate(actions, 1):
        entries = with_entry(entries, entry(action, version))

    latest = {action: version for version, action in enumerate(actions, 1)}
    assert {each.action: each.version for each in entries} == latest
    assert [each.version for each in entries] == sorted(latest.values())


def test_an_admin_and_a_service_have_an_admins_rights() -> None:
    roles = [*Role, SERVICE, ""]

    by_admin = [each for each in roles if entry(AuditAction.CREATED, role=each).is_by_admin]

    assert by_admin == [Role.ADMIN, SERVICE]
