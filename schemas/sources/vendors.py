"""The platforms whose payloads we take, by name."""

from __future__ import annotations

from schemas.sources import amazon_connect, asterisk, chatwoot, genesys, intercom, surveys, twilio, zendesk
from schemas.sources.asterisk_members import Members
from schemas.sources.conversion import Vendor

_TABLE = (
    Vendor(name="amazon_connect", title="Amazon Connect", convert=amazon_connect.convert),
    Vendor(name="asterisk", title="Asterisk queue_log", convert=asterisk.convert, memory=Members),
    Vendor(name="chatwoot", title="Chatwoot", convert=chatwoot.convert),
    Vendor(name="genesys", title="Genesys Cloud", convert=genesys.convert),
    Vendor(name="intercom", title="Intercom", convert=intercom.convert),
    Vendor(name="surveys", title="Delighted, Typeform and SurveyMonkey", convert=surveys.convert),
    Vendor(name="twilio", title="Twilio TaskRouter", convert=twilio.convert),
    Vendor(name="zendesk", title="Zendesk", convert=zendesk.convert),
)

VENDORS: dict[str, Vendor] = {each.name: each for each in _TABLE}
