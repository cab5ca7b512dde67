"""Who is written to, what they agreed to, what was sent, and what came back."""

from isthmus.mailing.campaign_editor import Campaign
from isthmus.mailing.models.mailings import Delivery, DeliveryNote, Mailing, Told
from isthmus.mailing.models.people import (
    Consent,
    ConsentWording,
    SavedSearch,
    SignUp,
    Subscriber,
    Subscription,
    Suppression,
)
from isthmus.mailing.models.relays import DomainState, Machine, RelayState
from isthmus.mailing.models.returns import Returned

__all__ = [
    "Campaign", "Consent", "ConsentWording", "Delivery", "DeliveryNote", "DomainState", "Machine", "Mailing",
    "RelayState", "Returned", "SavedSearch", "SignUp", "Subscriber", "Subscription", "Suppression", "Told",
]  # fmt: skip
