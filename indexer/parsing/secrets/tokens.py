"""Tokens with a known form: a prefix that stands for the issuer, and the number of characters after it.

The forms are taken from the documentation of the issuers.
"""

from __future__ import annotations

import re

_ANY = "[A-Za-z0-9]"
_URL = "[A-Za-z0-9_-]"
_HEX = "[0-9a-f]"
_UUID = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"

FORMS = (
    ("AWS access key", "(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}"),
    ("AWS Bedrock key", f"(?:ABSK|bedrock-api-key-){_ANY}[A-Za-z0-9+/=]{{60,}}"),
    ("Age key", "AGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    ("Alibaba access key", f"LTAI{_ANY}{{12,28}}"),
    ("Anthropic key", f"sk-ant-{_URL}{{20,}}"),
    ("Artifactory key", f"(?:AKC|APC|cmVmdGtu){_ANY}{{24,}}"),
    ("Atlassian token", "AT(?:ATT3|BB|CTT3)[A-Za-z0-9_=-]{20,}"),
    ("Azure client secret", f"{_ANY}{{3}}[78]Q~[A-Za-z0-9_.~-]{{31,34}}"),
    ("Cloudflare origin key", f"v1\\.0-{_HEX}{{20,}}-{_HEX}{{60,}}"),
    ("Databricks token", f"dapi{_HEX}{{32}}(?:-\\d)?"),
    ("Discord token", f"[MNO]{_ANY}{{23,25}}\\.{_URL}{{6}}\\.{_URL}{{27,40}}"),
    ("EasyPost key", f"EZ[AT]K{_ANY}{{54}}"),
    ("Facebook token", f"EAA[A-Za-z]{{1,3}}{_ANY}{{60,}}"),
    ("Fly.io token", f"(?:fo1_{_URL}{{43}}|fm[12][ar]?_[A-Za-z0-9+/=_-]{{60,}})"),
    ("GitHub token", f"gh[a-z]_{_ANY}{{36,}}|github_pat_{_ANY}{{22}}_{_ANY}{{40,}}"),
    ("GitLab token", f"gl[a-z]{{2,8}}-{_URL}{{20,}}"),
    ("Google API key", f"AIza{_URL}{{35}}"),
    ("Google OAuth token", f"(?:ya29\\.|1//0){_URL}{{24,}}|GOCSPX-{_URL}{{28}}"),
    ("Grafana token", f"glsa_{_ANY}{{32}}_[0-9A-Fa-f]{{8}}|glc_[A-Za-z0-9+/=]{{32,}}"),
    ("HashiCorp token", f"{_ANY}{{14}}\\.atlasv1\\.{_URL}{{60,}}|hv[sbr]\\.{_URL}{{24,}}"),
    ("Hugging Face token", f"(?:hf|api_org)_{_ANY}{{34}}"),
    ("JSON Web Token", f"eyJ{_URL}{{10,}}\\.(?:eyJ)?{_URL}{{10,}}\\.{_URL}{{10,}}"),
    ("LaunchDarkly key", f"(?:sdk|api|mob)-{_UUID}"),
    ("Mailchimp key", f"{_HEX}{{32}}-us\\d{{1,2}}"),
    ("Mailgun key", f"(?:pub)?key-{_HEX}{{32}}|{_HEX}{{32}}-{_HEX}{{8}}-{_HEX}{{8}}"),
    ("Mapbox token", f"[sp]k\\.eyJ{_URL}{{40,}}\\.{_URL}{{20,}}"),
    ("MaxMind key", f"{_ANY}{{6}}_{_ANY}{{29}}_mmk"),
    ("New Relic key", f"NR(?:AK|II|JS|RA|SP|AL|BR)-{_URL}{{19,}}"),
    ("npm token", f"npm_{_ANY}{{36}}"),
    ("OpenAI key", f"sk-(?:proj-|svcacct-|admin-)?{_URL}{{20,}}"),
    ("Plaid token", f"access-(?:sandbox|development|production)-{_UUID}"),
    ("Postman key", f"PMAK-{_HEX}{{24}}-{_HEX}{{34}}"),
    ("PyPI token", f"pypi-AgE{_URL}{{40,}}"),
    ("SendGrid key", "SG\\.[A-Za-z0-9_=-]{16,}\\.[A-Za-z0-9_=-]{32,}"),
    ("Sendinblue key", f"x(?:keysib|smtpsib)-{_HEX}{{64}}-{_ANY}{{16}}"),
    ("Sentry token", "sntrys_[A-Za-z0-9+/=_-]{40,}"),
    ("Shopify token", "shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}"),
    ("Slack token", f"xox[a-z](?:\\.xox[a-z])?-{_URL}{{10,}}|xapp-\\d-{_URL}{{20,}}"),
    ("Square token", f"sq0[a-z]{{3}}-{_URL}{{22,}}|EAAA{_URL}{{56,}}"),
    ("Stripe key", f"[spr]k_(?:live|test)_{_ANY}{{16,}}|whsec_[A-Za-z0-9+/]{{24,}}"),
    ("Telegram token", f"\\d{{8,10}}:A{_URL}{{34}}"),
    ("Twilio key", f"SK{_HEX}{{32}}"),
    ("Vault token", f"s\\.{_ANY}{{24}}"),
    (
        "Yandex token",
        f"t1\\.[A-Z0-9a-z_-]+=*\\.[A-Za-z0-9_-]{{80,}}=*|AQVN{_URL}{{35,}}|YCA[JMNO]{_URL}{{30,}}",
    ),
    ("1Password token", "ops_eyJ[A-Za-z0-9+/=]{80,}|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{5,11}-){4,6}[A-Z0-9]{5}"),
    ("Dynatrace token", "dt0[a-z]\\d{2}\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}"),
    ("Harness token", f"[ps]at\\.{_URL}{{22}}\\.{_HEX}{{24}}\\.{_ANY}{{20}}"),
    ("Octopus key", "API-[A-Z0-9]{25,}"),
    ("Airtable token", f"pat{_ANY}{{14}}\\.{_HEX}{{64}}"),
    ("Doppler token", f"dp\\.[a-z]{{2,6}}\\.{_ANY}{{40,}}"),
    ("Dropbox token", "sl\\.[A-Za-z0-9_=-]{60,}"),
)
"""Kinds of secrets, each with the pattern of its values. No letter or digit may follow a value."""

KNOWN = re.compile(
    f"(?<![A-Za-z0-9_+-])(?:{'|'.join(f'({form})' for _, form in FORMS)})(?![A-Za-z0-9])".encode("ascii")
)
"""Matches any of FORMS. The number of the group that matches is that of the form, which counts from 1."""

# Matches the usual form of a token: letters that stand for the issuer, `_` or `-`, and random characters.
PREFIXED = re.compile(
    rb"(?!sha\d|md5|uuid|test|cus_|sub_|inv?_|evt_|req_|txn_|acct_|prod_|price_|card_|src_|po_|pi_|ch_|in_|re_|pm_)"
    rb"([a-z][a-z0-9]{1,11}(?:[_-][a-z0-9]{1,10}){0,3}[_-])([A-Za-z0-9]{20,250}+)(?![A-Za-z0-9_/+=-])"
)
"""Group 1 is the prefix with the separator after it. Group 2 is the rest."""
