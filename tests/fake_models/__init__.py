"""Language models that are none: HTTP servers on loopback that speak the protocols of providers and answer by a script."""

from tests.fake_models.replies import Answer, Call, Cut, Garbled, Hang, Refusal, Reply, Status, Text
from tests.fake_models.server import Asked, FakeModels, Script, quiet

__all__ = ["Answer", "Asked", "Call", "Cut", "FakeModels", "Garbled", "Hang", "Refusal", "Reply", "Script", "Status", "Text", "quiet"]
