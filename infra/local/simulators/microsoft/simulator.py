"""A simulator of Microsoft's authority at `/common` and Graph at `/v1.0`, on loopback.

`python -m infra.local.simulators.microsoft --port 8402` runs it as a program. `mails` lists the
mails that Exchange would have sent.
"""

import contextlib
from collections.abc import Sequence

from infra.local.simulators.http import (
    SimulatedRequest,
    SimulatedResponse,
    SimulatorRoute,
    json_response,
)
from infra.local.simulators.microsoft.graph import GRAPH, GraphApi
from infra.local.simulators.microsoft.mailbox import OutlookMailbox
from infra.local.simulators.microsoft.sign_in import SignIns
from infra.local.simulators.serving import serving
from infra.local.simulators.simulator import CONTROL, Simulator

CLIENT_ID = "0d7f2c54-6a0e-4f5e-9a3c-3f1d9a5b7c11"
CLIENT_SECRET = "local-microsoft-secret"  # noqa: S105 - valid for this simulator only
PERSONAL_EMAIL = "learner-1@outlook.com"
EMAILS = ("coach-1@contoso.example", PERSONAL_EMAIL)


class MicrosoftSimulator(Simulator):
    """Sign-in and mailboxes; an account is created when first used.

    Its own faults: `aadsts` {"code", "error"} and `no_refresh_token` at the token endpoint,
    `next_link` {"link"} and `empty_page` in a list, `zone` {"zone"} for the times in a list.
    """

    own_faults = frozenset({"aadsts", "no_refresh_token", "next_link", "empty_page", "zone"})

    def __init__(self) -> None:
        super().__init__()
        self.sign_ins = SignIns(CLIENT_ID, CLIENT_SECRET, url=lambda: self.url)
        self.graph = GraphApi(self.sign_ins, url=lambda: self.url)
        self.clear()

    @property
    def authority(self) -> str:
        """The value of MICROSOFT_AUTHORITY."""
        return f"{self.url}/common"

    @property
    def graph_url(self) -> str:
        """The value of MICROSOFT_GRAPH_URL."""
        return f"{self.url}{GRAPH}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings that point the service here; the client secret is `CLIENT_SECRET`."""
        return {
            "MICROSOFT_CLIENT_ID": CLIENT_ID,
            "MICROSOFT_AUTHORITY": self.authority,
            "MICROSOFT_GRAPH_URL": self.graph_url,
        }

    @property
    def mails(self) -> list[str]:
        """The mails that would have been sent."""
        return [mail for mailbox in self.graph.mailboxes.values() for mail in mailbox.mails]

    def clear(self) -> None:
        """Restore the initial state."""
        self.sign_ins.clear(EMAILS)
        self.graph.clear()

    def mailbox(self, email: str) -> OutlookMailbox:
        """Return the mailbox of an account."""
        return self.graph.mailbox(email)

    def routes(self) -> Sequence[SimulatorRoute]:
        """Return the paths of Graph, of the authority and of the simulator's control."""
        return (*self.graph.routes(), *self.sign_ins.routes(), *self._own_control())

    def _own_control(self) -> Sequence[SimulatorRoute]:
        return (
            SimulatorRoute("GET", CONTROL + "mails", lambda _: json_response(self.mails)),
            SimulatorRoute("POST", CONTROL + "expire", self._expire),
        )

    def _expire(self, _: SimulatedRequest) -> SimulatedResponse:
        """Expire every access token."""
        self.sign_ins.expire_access_tokens()
        return SimulatedResponse(status=204)


def serve(port: int = 0) -> contextlib.AbstractContextManager[MicrosoftSimulator]:
    """Serve a new Microsoft on that loopback port (0: any free one) until the block ends."""
    return serving(MicrosoftSimulator(), port)
