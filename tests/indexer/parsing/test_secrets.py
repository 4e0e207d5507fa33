"""Secrets are found whatever syntax carries them, and covered without moving anything."""

from __future__ import annotations

import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.secrets import find, lines_of, redact, redact_text
from research.benchmarks.secret_kinds import FORMS, LAST, made
from research.benchmarks.secrets import SYNTAXES

VALUE = made("{A32}", Random(5))
SYNTAX = [
    "SHOP_DB_PASSWORD={}",
    "export SHOP_TOKEN='{}'",
    "ENV DB_PASSWORD {}",
    "setenv API_TOKEN {}",
    "password: {}",
    "- name: DB_PASSWORD\n  value: {}",
    '"Authorization": "Bearer {}"',
    "curl -H 'X-Api-Key: {}' https://x.internal",
    "curl -u admin:{} https://x.internal",
    'curl -H "Authorization: token {}" https://x.internal',
    "Authorization: ApiKey {}",
    "passwords:\n  - {}\n",
    "tokens: [{}]",
    'public string Password {{ get; set; }} = "{}";',
    "new PDO('mysql:host=x', 'root', '{}')",
    "private_key: |\n  {}\nnext: value",
    "kind: Secret\ndata:\n  config.yaml: {}\n",
    "mysql --password={} -h db",
    "sshpass -p {} ssh host",
    'requests.get(url, auth=("user", "{}"))',
    'HTTPBasicAuth("shop", "{}")',
    '["admin", "{}"]',
    "https://hooks.chat.internal/services/T0/B0/{}",
    "https://maps.internal/js?key={}&libraries=places",
    "https://user:{}@git.internal/x.git",
    "redis://:{}@cache:6379/0",
    "postgresql+psycopg2://app:{}@db/shop",
    "jdbc:mysql://db/shop?user=app&password={}",
    '"Server=db;Database=x;User Id=app;Password={};"',
    'os.environ.get("SHOP_SECRET", "{}")',
    'os.getenv("SHOP_SECRET") or "{}"',
    'process.env.SHOP_SECRET || "{}"',
    'ENV.fetch("SHOP_SECRET", "{}")',
    'System.setProperty("shop.password", "{}");',
    "define('DB_PASSWORD', '{}');",
    '#define API_TOKEN "{}"',
    'client_secret = "{}"  # terraform',
    ":password => '{}',",
    'Password: "{}",',
    'val apiKey: String = "{}"',
    'const char *password = "{}";',
    'def connect(host, password: str = "{}"):',
    'connect(host = "db", password = "{}")',
    '<add key="DbPassword" value="{}" />',
    "<password>{}</password>",
    '$password = ConvertTo-SecureString "{}" -AsPlainText',
    '$env:SHOP_TOKEN = "{}"',
    "machine git.internal login me password {}",
    "//registry.internal/:_authToken={}",
    "spring.datasource.password={}",
    "requirepass {}",
    "CREATE USER app IDENTIFIED BY '{}';",
    '{{\\"password\\": \\"{}\\"}}',
    'token = "{}"',
    'x = "{}"',
    'password: str = field(default="{}")',
    'token: SecretStr = Field(SecretStr("{}"), repr=False)',
    'password = mapped_column(String, default="{}")',
    '{{"password": """{}"""}}',
    "TOKEN = '''\n{}\n'''",
    "mysql -uroot -p{} shop",
    "mysqldump -u root -p'{}' shop",
    'db_pw = "{}"',
    "pw: {}",
    'static const char password[] = "{}";',
    'std::string password{{"{}"}};',
    'password = os.environ["X"] or "{}"',
    "const token = config.token ?? '{}';",
    'variable "db_password" {{\n  type = string\n  default = "{}"\n}}',
    "password: |\n  {}",
    "password: !plain {}",
    "read -r PASSWORD <<< '{}'",
    "echo '{}' | docker login -u me --password-stdin",
    "htpasswd -b users me {}",
    "openssl enc -k {}",
    "password = [[{}]]",
    "my $password = q{{{}}};",
    "password = %q({})",
    "The password is `{}`.",
    """:api-key="'{}'" """,
    '<meta name="api-token" content="{}">',
    "passwords = ['{}']",
    'var password string = "{}"',
    'password, err := "{}", nil',
    'Dim password As String = "{}"',
    "- {{name: API_TOKEN, value: {}}}",
    "api-key: &anchor {}",
    "password:\n  {}",
    '{{"name":"DB_PASSWORD",\n "value":"{}"}}',
    'set_sensitive {{\n  name = "auth.password"\n  value = "{}"\n}}',
    'ConvertTo-SecureString "{}" -AsPlainText',
    "SET PASSWORD FOR 'me'@'host' = '{}'",
    "WITH PASSWORD = N'{}'",
    "<password><![CDATA[{}]]></password>",
    '<property name="password">\n  <value>{}</value>',
    "<key>password</key>\n  <string>{}</string>",
    "curl -sSLu bob:{} https://x.internal",
    "TOKEN=\\\n{}",
    "password = os.environ.get('X',\n    '{}')",
    "passphrase = (\n    '{}'\n)",
]
IN_YAML = [
    "passwords:\n  - {}\n  - '{}'\n",
    "tokens: [{}, {}]\n",
    "private_key: |\n  {}\n  {}\nnext: value\n",
    "kind: Secret\ndata:\n  a.yaml: {}\nstringData:\n  b: {}\n",
]
SEVERAL = [
    'password = "{}" + "{}"',
    'password = "{}" +\n    "{}"',
    "$password = '{}' . '{}';",
    'TOKEN = (\n    "{}"\n    "{}"\n)',
    'passwords = ["{}", "{}"]',
    'passwords = [\n    "{}",\n    "{}",\n]',
]
HARMLESS = [
    "primary_key: [id, name]",
    "tokens:\n  - identifier\n  - comma",
    "path = 'C:\\\\temp\\\\'",
    "password = os.environ['PASSWORD']",
    'password = "your-password"',
    'password = "changeme"',
    "password = <your-password-here>",
    "TOKEN=${GITHUB_TOKEN}",
    "password: {{ vault_password }}",
    "def login(user: str, password: str) -> bool:",
    "token = lexer.next_token()",
    'token = "next_page"',
    '"password": "Passwort vergessen"',
    '<label class="password-field" for="password1-input">',
    'cacheKey = "users:42:profile"',
    '"integrity": "sha512-Z4HGmrZ2xN9tQ5d2LVQm1vY6J5kYb0l3n7r8s9t0u1v2w3x4y5z6A7B8C9D0E1F2=="',
    'commit = "38b5ae543f5c99eb4ccabbe277770fc6bc81226f"',
    'sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
    'id = "550e8400-e29b-41d4-a716-446655440000"',
    'path = "retrieval/continuation/features/balance"',
    "secretName: shop-db-credentials",
    'password_file = "/run/secrets/db_password"',
    "amqp://guest:guest@localhost:5672//",
    "postgres://user:password@host/db",
    "http://localhost:8080/path@2x",
    "tokenizer = Tokenizer.from_file('tokenizer.json')",
    "this.apiKeyCredentials = apiKeyCredentials;",
    "-----BEGIN CERTIFICATE-----",
    "public_key = 'AAAAB3NzaC1yc2EAAAADAQABAAABAQC7'",
    'parametrize("user", "admin")',
    "pass `-fsanitize=fuzzer2` to it",
    'password = "a sentence about it"\n"""A docstring9."""',
    "tar -p2x archive",
    'options.passwords = ["user name", "the other one"]',
]


@pytest.mark.parametrize("form", SYNTAX)
def test_whatever_syntax_carries_it(form: str) -> None:
    """The value alone is covered, at its place."""
    text = form.format(VALUE)
    hidden, found = redact(text.encode(), "config.yml")
    assert hidden.decode() == text.replace(VALUE, "*" * len(VALUE))
    assert found


@pytest.mark.parametrize("form", SEVERAL)
def test_several_pieces(form: str) -> None:
    """Of one value, or of a list, all are covered."""
    pieces = VALUE[:16], VALUE[16:]
    assert redact(form.format(*pieces).encode(), "x.py")[0].decode() == form.format("*" * 16, "*" * 16)


@pytest.mark.parametrize("form", IN_YAML)
def test_blocks_of_yaml(form: str) -> None:
    """All items of a list, all lines of a text, all data of a secret."""
    pieces = VALUE[:16], VALUE[16:]
    assert redact(form.format(*pieces).encode(), "x.yml")[0].decode() == form.format("*" * 16, "*" * 16)


@pytest.mark.parametrize("line", ['{"db_password": "Zk39\\"vvQp71Lm"}', "password = 'Zk39\\'vvQp71Lm'"])
def test_a_quote_in_a_value(line: str) -> None:
    """After a backslash, a quote is part of the value."""
    hidden = redact(line.encode(), "x.json")[0].decode()
    assert "Zk39" not in hidden and "vvQp71Lm" not in hidden
    assert hidden.endswith(line[-1])


def test_a_setting_behind_a_space() -> None:
    """In configuration files; elsewhere two words are prose."""
    line = b"  auth_pass Tr0ub4dor3\n"
    assert [(one.start, one.end) for one in find(line, "keepalived.conf")] == [(12, 22)]
    assert find(line, "notes.md") == []


def test_a_passphrase_of_words() -> None:
    """Words that make no sentence, where the name announces a phrase."""
    assert find(b"PASSPHRASE = 'correct horse battery staple'", "x.py")
    assert find(b"passphrase = 'please enter the passphrase'", "x.py") == []


@pytest.mark.parametrize("kind", [*FORMS, *LAST])
def test_kinds_in_all_syntaxes(kind: str) -> None:
    """Of twenty made-up ones at least nineteen: a random value may look like a word."""
    random, kept = Random(kind), 0
    for _ in range(20):
        form, _ = random.choice(list(SYNTAXES.values()))
        value = made((FORMS | LAST)[kind], random)
        text = form.format(NAME="SHOP_PASSWORD", name="shop", value=value)
        kept += value[-12:] in redact_text(text, "notes.txt")
    assert kept <= 1 or kind in ("asana-client-id", "slack-webhook-url")


@pytest.mark.parametrize("line", HARMLESS)
def test_what_is_no_secret(line: str) -> None:
    """Names, placeholders, checksums, paths."""
    assert find(line.encode(), "x.py") == []
    assert find(line.encode(), "x.yml") == []


def test_names_in_code_are_no_values() -> None:
    """Without quotes, what stands behind `=` is a value in settings and a name in code."""
    line = b"password=hunter2x\n"
    assert find(line, "a.env.txt")
    assert find(line, "a.py") == []


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("App.vue", "<script>\n// staging: api_token=q8Zt7LmWx2Rv\n</script>\n", "q8Zt7LmWx2Rv"),
        ("run.js", "run(`\n# login\n# mysql --password=hunter2secret9 \\\n`)\n", "hunter2secret9"),
        ("t.py", '"""Log in.\n\n * password: hunter2secret9\n"""\n', "hunter2secret9"),
        ("k.go", "var k = `\n# password: hunter2secret9\n`\n", "hunter2secret9"),
        ("a.erl", "% password: hunter2secret9\n", "hunter2secret9"),
    ],
)
def test_comments_of_any_language(path: str, text: str, value: str) -> None:
    """A string or a page may contain another language, whose comments are no code."""
    assert value in text
    assert value.encode() not in redact(text.encode(), path)[0]


@pytest.mark.parametrize(
    "name",
    [
        *"a.inc a.phtml a.gradle a.ps1 a.psm1 a.bas a.astro a.cu a.csx a.fsx a.es6 a.rkt a.scm a.pyw".split(),
        *"a.tf a.sh a.html a.txt a.unknown".split(),
        *"Jenkinsfile Gemfile Vagrantfile Rakefile Podfile SConstruct".split(),
    ],
)
def test_bare_values_are_names_only_in_listed_extensions(name: str) -> None:
    """Files of the same language with other names may be settings or scripts; their values are masked."""
    assert find(b"password=hunter2secret9\n", name)
    assert find(b"  db_password: hunter2secret9\n", name)


def test_key_blocks_lose_their_bodies() -> None:
    """In a file of their own, in a string, without an end; lines stay lines."""
    body = [made("{B64}", Random(n)) for n in range(3)]
    block = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *body, "-----END RSA PRIVATE KEY-----", ""])
    for text in (block, repr(block), block.partition("-----END")[0]):
        hidden = redact_text(text)
        assert hidden.count("\n") == text.count("\n") and len(hidden) == len(text)
        assert not any(line in hidden for line in body)
        assert "BEGIN RSA PRIVATE KEY" in hidden


FRAGMENTS = st.sampled_from(
    [
        'password="', "token: ", "://u:", "@h/", "?key=", "Bearer ", '("user", "', '")', "\n", "\r\n", "'",
        "*", "é检🔑", "-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----", VALUE, VALUE[:9],
        "secret=", " ", "&", "ghp_", "AKIA",
    ]
)  # fmt: skip


@given(st.lists(FRAGMENTS | st.text(max_size=8), max_size=30).map("".join))
def test_only_stars_are_put_in(text: str) -> None:
    """As many bytes, the same lines, nothing else touched; what was redacted is left alone."""
    data = text.encode()
    hidden, found = redact(data, "x.yml")
    assert len(hidden) == len(data)
    assert hidden.count(b"\n") == data.count(b"\n")
    assert all(new in (old, ord("*")) for old, new in zip(data, hidden, strict=True))
    again, _ = redact(hidden, "x.yml")
    assert again == hidden
    assert all(one.start < one.end <= len(data) for one in found)
    plain = redact_text(text, "x.yml")
    assert len(plain) == len(text)
    assert bool(lines_of(data, found)) == bool(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ['"', "'", "password=", 'password="', "://", "://a:", "Bearer ", "-----BEGIN PRIVATE KEY-----", "key: ",
     'auth("a",', "?key=a1", "https://a/hooks/b", "a1", "eyJa.", " -p ", "secret=aaaaaa1;", "token:a ="],
)  # fmt: skip
def test_hostile_text_takes_time_in_proportion(piece: str) -> None:
    """Twice the text takes about twice the time, not four times: nothing looks back again and again."""

    def seconds(size: int) -> float:
        text = (piece * size)[:size].encode()
        started = time.thread_time()
        redact(text, "x.yml")
        return time.thread_time() - started

    seconds(5_000)
    small, large = min(seconds(20_000) for _ in range(3)), seconds(160_000)
    assert large < 30 * max(small, 0.01)
