"""Makes up secrets for measurements, of kinds that a public detector distinguishes.

A form is text with random parts in braces: `{A36}` stands for 36 characters of the alphabet A below. No
secret here is real.
"""

from __future__ import annotations

import base64
import re
import string
from collections.abc import Mapping
from random import Random

_ALPHABETS = {
    "A": string.ascii_letters + string.digits,
    "U": string.ascii_letters + string.digits + "-_",
    "B": string.ascii_letters + string.digits + "+/",
    "h": "0123456789abcdef",
    "H": "0123456789ABCDEF",
    "l": string.ascii_lowercase + string.digits,
    "C": string.ascii_uppercase + string.digits,
    "d": string.digits,
    "L": string.ascii_letters,
}
_PART = re.compile(r"\{(?:([AUBhHlCdL])(\d+)|uuid|pem|jwt64|jwt)\}")

FORMS: Mapping[str, str] = {
    "1password-secret-key": "A3-{C6}-{C6}-{C5}-{C5}-{C5}-{C5}",
    "airtable-personnal-access-token": "pat{A14}.{h64}",
    "asana-client-secret": "{l32}",
    "bitbucket-client-id": "{l32}",
    "clojars-api-token": "CLOJARS_{l60}",
    "codecov-access-token": "{l32}",
    "dropbox-api-token": "{l15}",
    "easypost-api-token": "EZAK{l54}",
    "finicity-api-token": "{h32}",
    "flickr-access-token": "{l32}",
    "gitlab-session-cookie": "{h32}",
    "gocardless-api-token": "live_{U40}",
    "huggingface-organization-api-token": "api_org_{A34}",
    "jfrog-api-key": "{l73}",
    "jfrog-identity-token": "{l64}",
    "kucoin-access-token": "{h24}",
    "linear-client-secret": "{h32}",
    "linkedin-client-secret": "{l16}",
    "new-relic-user-api-key": "NRAK-{C27}",
    "plaid-api-token": "access-production-{uuid}",
    "pypi-upload-token": "pypi-AgEIcHlwaS5vcmc{U70}",
    "settlemint-application-access-token": "sm_aat_{A16}",
    "shopify-private-app-access-token": "shppa_{h32}",
    "slack-legacy-workspace-token": "xoxa-2-{A40}",
    "slack-user-token": "xoxp-{d12}-{d12}-{d12}-{h32}",
    "slack-webhook-url": "T{C9}/B{C9}/{A24}",
    "squarespace-access-token": "{uuid}",
    "telegram-bot-api-token": "{d10}:A{U34}",
    "vault-service-token": "hvs.{U95}",
    "yandex-api-key": "AQVN{U36}",
    "airtable-api-key": "{l17}",
    "algolia-api-key": "{l32}",
    "artifactory-api-key": "AKCp{A69}",
    "asana-client-id": "{d16}",
    "beamer-api-token": "b_{U44}",
    "datadog-access-token": "{l40}",
    "digitalocean-pat": "dop_v1_{h64}",
    "duffel-api-token": "duffel_live_{U43}",
    "flutterwave-secret-key": "FLWSECK_TEST-{h32}-X",
    "gitlab-feature-flag-client-token": "glffct-{U20}",
    "gitlab-kubernetes-agent-token": "glagent-{U50}",
    "hubspot-api-key": "{uuid}",
    "jwt": "{jwt}",
    "linkedin-client-id": "{l14}",
    "netlify-access-token": "{U43}",
    "octopus-deploy-api-key": "API-{C26}",
    "perplexity-api-key": "pplx-{A48}",
    "shopify-access-token": "shpat_{h32}",
    "sonar-api-token": "squ_{h40}",
    "twitter-api-secret": "{l50}",
}
"""The form of each kind with which the detection rules were developed."""

LAST: Mapping[str, str] = {
    "1password-service-account-token": "ops_eyJ{B250}",
    "aws-amazon-bedrock-api-key-short-lived": "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t{B200}",
    "cloudflare-origin-ca-key": "v1.0-{h24}-{h146}",
    "coinbase-access-token": "{U64}",
    "discord-api-token": "{h64}",
    "easypost-test-api-token": "EZTK{l54}",
    "flutterwave-public-key": "FLWPUBK_TEST-{h32}-X",
    "github-fine-grained-pat": "github_pat_{A22}_{A59}",
    "gitter-access-token": "{U40}",
    "grafana-service-account-token": "glsa_{A32}_{h8}",
    "huggingface-access-token": "hf_{L34}",
    "intercom-api-key": "{U60}",
    "jwt-base64": "{jwt64}",
    "lob-pub-api-key": "live_pub_{h31}",
    "slack-config-access-token": "xoxe.xoxp-1-{C163}",
    "twitch-api-token": "{l30}",
    "twitter-access-token": "{d19}-{A40}",
    "typeform-api-token": "tfp_{U59}",
    "yandex-access-token": "t1.{U40}.{U86}",
    "yandex-aws-access-token": "YC{U38}",
}
"""The form of each kind of the final test. These kinds were drawn from all other kinds (with the seed
20261130) after the rules were finished."""


def made(form: str, random: Random) -> str:
    """A new secret of a form."""

    def part(found: re.Match[str]) -> str:
        if found[1]:
            return "".join(random.choices(_ALPHABETS[found[1]], k=int(found[2])))
        others = {"{uuid}": _uuid, "{pem}": _pem, "{jwt}": _jwt, "{jwt64}": _jwt_in_base64}
        return others[found[0]](random)

    return _PART.sub(part, form)


def _uuid(random: Random) -> str:
    digits = "".join(random.choices(_ALPHABETS["h"], k=32))
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _pem(random: Random) -> str:
    """A key block in one line with escaped line ends, as in JSON."""
    body = "\\n".join("".join(random.choices(_ALPHABETS["B"], k=64)) for _ in range(12))
    return f"-----BEGIN PRIVATE KEY-----\\n{body}\\n-----END PRIVATE KEY-----"


def _jwt(random: Random) -> str:
    head, body = (
        base64.urlsafe_b64encode(
            f'{{"{name}":"{"".join(random.choices(_ALPHABETS["A"], k=size))}"}}'.encode()
        )
        for name, size in (("alg", 10), ("sub", 40))
    )
    signature = "".join(random.choices(_ALPHABETS["U"], k=43))
    return f"{head.decode().rstrip('=')}.{body.decode().rstrip('=')}.{signature}"


def _jwt_in_base64(random: Random) -> str:
    return base64.b64encode(_jwt(random).encode()).decode().rstrip("=")


def fixed(form: str) -> int:
    """The length of the fixed prefix of a form."""
    found = _PART.search(form)
    return found.start() if found else len(form)
