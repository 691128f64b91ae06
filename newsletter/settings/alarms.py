"""Who is told when something breaks, and who may read the figures."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from newsletter.settings.forms import NO_SECRET, Address, Secret, Section
from newsletter.settings.forms import url as web_url
from newsletter.settings.sections import CaFile, Relays


class AlarmSettings(Section):
    """``email`` is told by the mail servers of ``smtp_servers`` (else those of SMTP_URL), ``url`` by a POST; both where both are
    set. ``ping_url`` is asked once after each day on which nothing was wrong. URLs may hold tokens, so that none is shown.
    """

    email: Address = Field("", alias="ALARM_EMAIL")
    url: Annotated[Secret, BeforeValidator(web_url)] = Field(NO_SECRET, alias="ALARM_URL")
    smtp_ca_file: CaFile = Field("", alias="SMTP_CA_FILE")
    smtp_servers: Relays = Field((), alias="ALARM_SMTP_URL")
    ping_url: Annotated[Secret, BeforeValidator(web_url)] = Field(NO_SECRET, alias="PING_URL")
    metrics_token: Secret = Field(NO_SECRET, alias="METRICS_TOKEN")
